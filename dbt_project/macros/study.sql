{# What the house gives to the macros of a scenario, from the lists of the sector file. #}

{# The markets whose laws touch work done already. #}
{% macro scenario_markets() -%}
  {%- set found = [] -%}
  {%- for law in var('scenario_laws') if law.market not in found -%} {%- do found.append(law.market) -%} {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}

{# The draws as the macros read them: one row a draw, one column a parameter. A Sobol sequence, kept as it was first
   scrambled: whole numbers of 2^-30, one list a parameter. #}
{% macro scenario_draws() -%}
  select
    draw
    {%- for parameter in ['coverage', 'enforcement', 'retention', 'elasticity', 'redeployment', 'closure', 'closes_at',
                          'adoption', 'substitution', 'diversification', 'multiplier'] %},
    max(numerator / 1073741824) filter (where parameter = '{{ parameter }}') as {{ parameter }}
    {%- endfor %}
  from (
    select parameter, unnest(numerators) as numerator, unnest(range(len(numerators))) as draw from {{ ref('scenario_draws') }}
  )
  group by draw
{%- endmacro %}

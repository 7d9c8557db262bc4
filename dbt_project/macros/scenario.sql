{# The arithmetic of a scenario of jobs, as SQL over plain relations. Nothing here is dbt's own, so that
   `vigie lab scenario` renders the very same text.

   draws(draw, one column a parameter, between 0 and 1): one row a draw, the same for every scenario and every cell.
   parameters(scenario, parameter, subject, low, mode, high): what a scenario assumes; `subject` is the law of a
   coverage or the market of a diversification, and nothing when the figure holds for all.
   laws: [{code, market, ramp}], `ramp` an expression. markets: codes. targets: [{market, outbound}].
   cells(group, headcount, "share of <market>", closable, revenue_per_job, ai_exposure): one row a firm, or a city and
   a class of size; a share is the revenue share of the market times the outbound share of its work.

   What is drawn by the thousand stands side by side: a draw and a scenario are one row, whatever the markets. #}

{# The number below which a triangular variable falls with probability u: the inverse of its distribution. #}
{% macro triangular(u, low, mode, high) -%}
  case
    when {{ u }} * ({{ high }} - {{ low }}) < {{ mode }} - {{ low }} then {{ low }} + sqrt({{ u }} * ({{ high }} - {{ low }}) * ({{ mode }} - {{ low }}))
    else {{ high }} - sqrt((1 - {{ u }}) * ({{ high }} - {{ low }}) * ({{ high }} - {{ mode }}))
  end
{%- endmacro %}

{# How much of a law bites on a day: nothing before it starts, everything once complete, a straight line between. #}
{% macro linear_ramp(day, starts_on, completes_on) -%}
  case
    when {{ day }} >= {{ completes_on }} then 1::double
    else greatest(0, date_diff('day', {{ starts_on }}, {{ day }}) / nullif(date_diff('day', {{ starts_on }}, {{ completes_on }}), 0)::double)
  end
{%- endmacro %}

{# The share that one law at least covers, of the shares that each covers: as if they were chosen apart from each
   other (independent), the narrower inside the wider (nested), or nothing in common (disjoint). #}
{% macro union_of_shares(shares, overlap) -%}
  {%- if shares | length == 0 -%} 0::double
  {%- elif shares | length == 1 -%} {{ shares[0] }}
  {%- elif overlap == 'nested' -%} greatest({{ shares | join(', ') }})
  {%- elif overlap == 'disjoint' -%} least(1, {{ shares | join(' + ') }})
  {%- else -%} 1 - (1 - {{ shares | join(') * (1 - ') }})
  {%- endif -%}
{%- endmacro %}

{# One end of the triangle of a parameter: that of its subject, or else the one that holds for all. #}
{% macro end_of(which, parameter, subject) -%}
  {%- set general = 'max(' ~ which ~ ") filter (where parameter = '" ~ parameter ~ "' and subject is null)" -%}
  {%- if subject is none -%} {{ general }}
  {%- else -%} coalesce(max({{ which }}) filter (where parameter = '{{ parameter }}' and subject = '{{ subject | replace("'", "''") }}'), {{ general }})
  {%- endif -%}
{%- endmacro %}

{# Common table expressions that end in `shocks`: for each scenario and draw, the share of the outbound work of each
   market that is reached ("reached of <market>": covered by a law, enforced, not kept by consent or a running
   contract), and the levers. A lever that a scenario does not pull is at nothing; an indirect multiplier that it
   does not give stays missing, for it is another count. #}
{% macro scenario_shocks(parameters, draws, markets, laws, targets=[], overlap='independent') -%}
{%- set wanted = [] -%}
{%- for name in ['enforcement', 'retention', 'elasticity', 'redeployment', 'closure', 'closes_at', 'adoption', 'substitution', 'multiplier'] -%}
  {%- do wanted.append({'column': name, 'parameter': name, 'subject': none}) -%}
{%- endfor -%}
{%- for law in laws -%}
  {%- do wanted.append({'column': 'coverage of ' ~ law.code, 'parameter': 'coverage', 'subject': law.code}) -%}
{%- endfor -%}
{%- for target in targets -%}
  {%- do wanted.append({'column': 'diversification of ' ~ target.market, 'parameter': 'diversification', 'subject': target.market}) -%}
{%- endfor -%}
assumed as (
  select scenario
    {%- for one in wanted %},
    {{ end_of('low', one.parameter, one.subject) }} as "low {{ one.column }}",
    {{ end_of('mode', one.parameter, one.subject) }} as "mode {{ one.column }}",
    {{ end_of('high', one.parameter, one.subject) }} as "high {{ one.column }}"
    {%- endfor %}
  from {{ parameters }}
  group by scenario
),

drawn as (
  select assumed.scenario, draws.draw
    {%- for one in wanted %},
    {{ triangular('draws.' ~ one.parameter, '"low ' ~ one.column ~ '"', '"mode ' ~ one.column ~ '"', '"high ' ~ one.column ~ '"') }} as "{{ one.column }}"
    {%- endfor %}
  from assumed
  cross join {{ draws }} as draws
),

reached as (
  select *
    {%- for market in markets %},
    {%- set shares = [] -%}
    {%- for law in laws if law.market == market -%}
      {%- do shares.append('"coverage of ' ~ law.code ~ '" * (' ~ law.ramp ~ ')') -%}
    {%- endfor %}
    ({{ union_of_shares(shares, overlap) }}) * enforcement * (1 - retention) as "reached of {{ market }}"
    {%- endfor %}
  from drawn
),

shocks as (
  select
    scenario, draw, elasticity, closes_at, multiplier,
    1 - redeployment as stays_lost,
    coalesce(closure, 0) as closure,
    coalesce(adoption, 0) as adoption,
    coalesce(adoption * substitution, 0) as substituted,
    1
    {%- for target in targets %}
    - coalesce("diversification of {{ target.market }}", 0) * (1 - {{ target.outbound }} * least(1, "reached of {{ target.market }}" * elasticity))
    {%- endfor %} as not_regained
    {%- for market in markets %},
    "reached of {{ market }}"
    {%- endfor %}
  from reached
)
{%- endmacro %}

{# What each draw of each scenario does to each cell, in persons: `gross_hit`, jobs whose activity stops; `net_loss`,
   what is left of them once work is won elsewhere and people are redeployed, and the small firms that close, where
   the share of activity lost closes them all at `closes_at`; never more than the jobs there are. Jobs that software
   does instead come off what the law leaves, so that no job is lost twice; `augmented` are those whose tasks it
   changes. `net_revenue` is in the currency of the revenue per job. #}
{% macro scenario_impacts(cells, shocks, group, markets, has_closures=true, has_ai=true, has_revenue=true) -%}
{%- set terms = [] -%}
{%- for market in markets -%}
  {%- do terms.append('cells."share of ' ~ market ~ '" * shocks."reached of ' ~ market ~ '"') -%}
{%- endfor -%}
{%- set hit = 'least(headcount, headcount * reached * elasticity)' -%}
{%- set left = '(headcount - gross_hit)' -%}
hits as (
  select
    cells.{{ group }}, shocks.scenario, shocks.draw, cells.headcount, shocks.elasticity, shocks.not_regained, shocks.stays_lost
    {%- if has_closures %}, cells.closable, shocks.closure, shocks.closes_at {%- endif %}
    {%- if has_ai %}, cells.ai_exposure * shocks.adoption as exposed_to_ai, cells.ai_exposure * shocks.substituted as done_by_ai {%- endif %}
    {%- if has_revenue %}, cells.revenue_per_job {%- endif %},
    {{ terms | join(' + ') }} as reached
  from {{ cells }} as cells
  cross join {{ shocks }} as shocks
),

impacts as (
  select
    {{ group }}, scenario, draw,
    {{ hit }} as gross_hit,
    least(headcount,
      (gross_hit * not_regained {%- if has_ai %} + {{ left }} * done_by_ai {%- endif %}) * stays_lost
      {%- if has_closures %} + closable * closure * least(1, reached / closes_at) {%- if has_ai %} * (1 - done_by_ai) {%- endif -%} {%- endif -%}
    ) as net_loss
    {%- if has_ai %}, {{ left }} * (exposed_to_ai - done_by_ai) as augmented {%- endif %}
    {%- if has_revenue %}, net_loss * revenue_per_job as net_revenue {%- endif %}
  from hits
)
{%- endmacro %}

{# Each draw of each scenario, summed by group and over all (`_T`), with the indirect local jobs beside, which are
   never added. Quantiles are taken of these sums: a sum of quantiles overstates. #}
{% macro scenario_totals(impacts, shocks, group, measures) -%}
by_group as (
  select scenario, draw, {{ group }}::varchar as {{ group }} {%- for measure in measures %}, sum({{ measure }}) as {{ measure }} {%- endfor %}
  from {{ impacts }}
  group by all
),

totals as (
  select summed.*, summed.net_loss * shocks.multiplier as indirect_loss
  from (
    select * from by_group
    union all
    select scenario, draw, '_T' {%- for measure in measures %}, sum({{ measure }}) {%- endfor %} from by_group group by all
  ) as summed
  inner join {{ shocks }} as shocks using (scenario, draw)
)
{%- endmacro %}

{# The interval of each measure by scenario and group: 5 %, median, 95 %. #}
{% macro scenario_intervals(totals, group, measures) -%}
  select scenario, {{ group }}
    {%- for measure in measures %},
    quantile_cont({{ measure }}, 0.05) as {{ measure }}_p05,
    quantile_cont({{ measure }}, 0.5) as {{ measure }}_p50,
    quantile_cont({{ measure }}, 0.95) as {{ measure }}_p95
    {%- endfor %}
  from {{ totals }}
  group by scenario, {{ group }}
{%- endmacro %}

{# One scenario less another, draw by draw: both rest on the same numbers, so that what differs is what they assume. #}
{% macro scenario_differences(totals, group, measures, one, other) -%}
  select '{{ one }}' as scenario, '{{ other }}' as minus, one.{{ group }}
    {%- for measure in measures %},
    quantile_cont(one.{{ measure }} - other.{{ measure }}, 0.05) as {{ measure }}_p05,
    quantile_cont(one.{{ measure }} - other.{{ measure }}, 0.5) as {{ measure }}_p50,
    quantile_cont(one.{{ measure }} - other.{{ measure }}, 0.95) as {{ measure }}_p95
    {%- endfor %}
  from {{ totals }} as one
  inner join {{ totals }} as other using (draw, {{ group }})
  where one.scenario = '{{ one }}' and other.scenario = '{{ other }}'
  group by one.{{ group }}
{%- endmacro %}

{# The arithmetic of a scenario of jobs, as SQL over plain relations. Nothing here is dbt's own, so that
   `vigie lab scenario` renders the very same text.

   draws(draw, one column a parameter, between 0 and 1): one row a draw, the same for every scenario and every cell.
   parameters(scenario, parameter, subject, low, mode, high): what a scenario assumes; `subject` is the law of a
   coverage or the market of a diversification, and nothing when the figure holds for all.
   laws: [{code, market, ramp}], `ramp` an expression. markets: codes. targets: [{market, outbound}].
   cells(group, headcount, "share of <market>", "jobs of <market>", closable, revenue_per_job, ai_exposure): one row a
   firm, or a city and a class of size; a share is the revenue share of the market times the outbound share of its
   work, jobs are as many of the headcount, closable the jobs of a small firm that no market exposes.

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

{# The lesser of two numbers; what is missing stays so, and DuckDB is faster at it than at `least`. #}
{% macro lesser(one, other) -%} case when {{ one }} > {{ other }} then {{ other }} else {{ one }} end {%- endmacro %}

{# Common table expressions that end in `shocks`: for each scenario and draw, what a unit of a cell loses.
   "reached of <market>": the share of its outbound work that a law covers, is enforced upon, and neither consent nor a
   running contract keeps; "hit of <market>": of its outbound jobs, through the elasticity, all of them at most.
   `lost` is what is left of a job hit once work is won elsewhere and people are redeployed; `closure` and
   `closure_slope` how a small firm closes as its activity is reached, fully so at `closes_at`; `augmented` and `taken`
   what software changes and does, `taken_for_good` once people are redeployed. A lever that a scenario does not pull
   is at nothing; an indirect multiplier that it does not give stays missing, for it is another count. #}
{% macro scenario_shocks(parameters, draws, markets, laws, targets=[], overlap='independent', has_closures=true, has_ai=true) -%}
{%- set wanted = [] -%}
{%- set names = ['enforcement', 'retention', 'elasticity', 'redeployment', 'multiplier'] -%}
{%- if has_closures -%} {%- set names = names + ['closure', 'closes_at'] -%} {%- endif -%}
{%- if has_ai -%} {%- set names = names + ['adoption', 'substitution'] -%} {%- endif -%}
{%- for name in names -%}
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
    ({{ union_of_shares(shares, overlap) }}) * enforcement * (1 - retention) as "reached of {{ market }}",
    {{ lesser('"reached of ' ~ market ~ '" * elasticity', '1') }} as "hit of {{ market }}"
    {%- endfor %}
  from drawn
),

shocks as (
  select
    scenario, draw, multiplier,
    {%- for market in markets %}
    "reached of {{ market }}", "hit of {{ market }}",
    {%- endfor %}
    {%- if has_closures %}
    coalesce(closure, 0) as closure,
    coalesce(closure / closes_at, 0) as closure_slope,
    {%- endif %}
    {%- if has_ai %}
    coalesce(adoption * (1 - substitution), 0) as augmented,
    coalesce(adoption * substitution, 0) as taken,
    coalesce(adoption * substitution, 0) * (1 - redeployment) as taken_for_good,
    {%- endif %}
    (1
    {%- for target in targets %}
    - coalesce("diversification of {{ target.market }}", 0) * (1 - {{ target.outbound }} * "hit of {{ target.market }}")
    {%- endfor %}) * (1 - redeployment) as lost
  from reached
)
{%- endmacro %}

{# What each draw of each scenario does to each cell, in persons: `gross_hit`, jobs whose activity stops; `net_loss`,
   those of them that are lost, and the small firms that close: never more than the jobs there are. Jobs that software
   does instead come off what the law leaves, so that no job is lost twice; `augmented` are those whose tasks it
   changes. `net_revenue` is in the currency of the revenue per job. #}
{% macro scenario_impacts(cells, shocks, group, markets, has_closures=true, has_ai=true, has_revenue=true) -%}
{%- set hits = [] -%}
{%- set reached = [] -%}
{%- for market in markets -%}
  {%- do hits.append('cells."jobs of ' ~ market ~ '" * shocks."hit of ' ~ market ~ '"') -%}
  {%- do reached.append('cells."share of ' ~ market ~ '" * shocks."reached of ' ~ market ~ '"') -%}
{%- endfor -%}
hits as (
  select
    cells.{{ group }}, shocks.scenario, shocks.draw, shocks.lost, {{ hits | join(' + ') }} as gross_hit
    {%- if has_closures %}, cells.closable, shocks.closure, ({{ reached | join(' + ') }}) * shocks.closure_slope as closing {%- endif %}
    {%- if has_ai %}, cells.headcount, cells.ai_exposure, shocks.taken, shocks.taken_for_good, shocks.augmented as changed {%- endif %}
    {%- if has_revenue %}, cells.revenue_per_job {%- endif %}
  from {{ cells }} as cells
  cross join {{ shocks }} as shocks
),

losses as (
  select
    *,
    gross_hit * lost
      {%- if has_ai %} + (headcount - gross_hit) * ai_exposure * taken_for_good {%- endif %}
      {%- if has_closures %} + closable * ({{ lesser('closing', 'closure') }}) {%- if has_ai %} * (1 - ai_exposure * taken) {%- endif -%} {%- endif %} as net_loss
  from hits
),

impacts as (
  select
    {{ group }}, scenario, draw, gross_hit, net_loss
    {%- if has_ai %}, (headcount - gross_hit) * ai_exposure * changed as augmented {%- endif %}
    {%- if has_revenue %}, net_loss * revenue_per_job as net_revenue {%- endif %}
  from losses
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

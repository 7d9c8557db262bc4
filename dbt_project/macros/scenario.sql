{# The arithmetic of a scenario of jobs, as SQL over plain relations. Nothing here is dbt's own, so that
   `vigie lab scenario` renders the very same text.

   draws(draw, one column a parameter, between 0 and 1): one row a draw, the same for every scenario and every cell.
   parameters(scenario, parameter, subject, low, mode, high): what a scenario assumes; `subject` is the law of a
   coverage or the market of a diversification, and nothing when the figure holds for all.
   laws: [{code, market, ramp}], `ramp` an expression. markets: codes. targets: [{market, outbound}].
   cells(group, headcount, "share of <market>", "jobs of <market>", closable, revenue_per_job, ai_exposure): one row a
   firm, or a city and a class of size; a share is the revenue share of the market times the outbound share of its
   work, jobs are as many of the headcount, closable the jobs of a small firm that no market exposes.

   `keys` are columns of parameters and cells that set studies apart: each cell meets the parameters of its own.

   What is drawn by the thousand stands side by side: a draw and a scenario are one row, whatever the markets. #}

{# Columns at the head of a list of others. #}
{% macro first(keys) -%} {% for key in keys %}{{ key }}, {% endfor %} {%- endmacro %}

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

{# The number drawn for a parameter: that of its subject, or else the one that holds for all. #}
{% macro value_of(parameter, subject=none) -%}
  {%- set general = "max(value) filter (where parameter = '" ~ parameter ~ "' and subject is null)" -%}
  {%- if subject is none -%} {{ general }}
  {%- else -%} coalesce(max(value) filter (where parameter = '{{ parameter }}' and subject = '{{ subject | replace("'", "''") }}'), {{ general }})
  {%- endif -%}
{%- endmacro %}

{# Common table expressions that end in `shocks`: for each scenario and draw, what a unit of a cell loses.
   The work reached of a market is the share of its outbound work that a law covers, is enforced upon, and neither
   consent nor a running contract keeps; "hit of <market>" is that of its outbound jobs, through the elasticity, all of
   them at most. `not_regained` is what is left of a job hit once work is won elsewhere, `lost` once people are
   redeployed too; "closing of <market>" the probability that a small firm closes were all its activity in that market,
   `closure` the most that it can be, from `closes_at` of its activity on; `augmented` and `taken` what software changes
   and does, `taken_for_good` once people are redeployed. A lever that a scenario does not pull is at nothing; an
   indirect multiplier that it does not give stays missing, for it is another count. #}
{% macro scenario_shocks(parameters, draws, markets, laws, targets=[], overlap='independent', has_closures=true, has_ai=true, keys=[]) -%}
{%- set names = ['enforcement', 'retention', 'elasticity', 'redeployment', 'multiplier'] -%}
{%- if has_closures -%} {%- set names = names + ['closure', 'closes_at'] -%} {%- endif -%}
{%- if has_ai -%} {%- set names = names + ['adoption', 'substitution'] -%} {%- endif -%}
{%- set subjects = (['coverage'] if laws else []) + (['diversification'] if targets else []) -%}
drawn as (
  select {{ first(keys) }}assumed.scenario, drawn.draw, assumed.parameter, assumed.subject, {{ triangular('drawn.u', 'low', 'mode', 'high') }} as value
  from (unpivot {{ draws }} on {{ (names + subjects) | join(', ') }} into name parameter value u) as drawn
  inner join {{ parameters }} as assumed using (parameter)
),

side_by_side as (
  select
    {{ first(keys) }}scenario, draw
    {%- for name in names %},
    {{ value_of(name) }} as {{ name }}
    {%- endfor %}
    {%- for law in laws %},
    {{ value_of('coverage', law.code) }} as "coverage of {{ law.code }}"
    {%- endfor %}
    {%- for target in targets %},
    {{ value_of('diversification', target.market) }} as "diversification of {{ target.market }}"
    {%- endfor %}
  from drawn
  group by {{ first(keys) }}scenario, draw
),

reached as (
  select *
    {%- for market in markets %},
    {%- set shares = [] -%}
    {%- for law in laws if law.market == market -%}
      {%- do shares.append('"coverage of ' ~ law.code ~ '" * (' ~ law.ramp ~ ')') -%}
    {%- endfor %}
    ({{ union_of_shares(shares, overlap) }}) * enforcement * (1 - retention) as "reached of {{ market }}",
    least(1, "reached of {{ market }}" * elasticity) as "hit of {{ market }}"
    {%- endfor %},
    1
    {%- for target in targets %}
    - coalesce("diversification of {{ target.market }}" * (1 - {{ target.outbound }} * "hit of {{ target.market }}"), 0)
    {%- endfor %} as not_regained
  from side_by_side
),

shocks as (
  select
    {{ first(keys) }}scenario, draw, multiplier,
    {%- for market in markets %}
    "hit of {{ market }}",
    {%- if has_closures %}
    coalesce("reached of {{ market }}" * closure / closes_at, 0) as "closing of {{ market }}",
    {%- endif %}
    {%- endfor %}
    {%- if has_closures %}
    coalesce(closure, 0) as closure, closes_at,
    {%- endif %}
    {%- if has_ai %}
    coalesce(adoption * (1 - substitution), 0) as augmented,
    coalesce(adoption * substitution, 0) as taken,
    coalesce(adoption * substitution, 0) * (1 - redeployment) as taken_for_good,
    {%- endif %}
    not_regained,
    not_regained * (1 - redeployment) as lost
  from reached
)
{%- endmacro %}

{# What each draw of each scenario does to each group and to all (`_T`), in persons: common table expressions that end
   in `totals`. `gross_hit`: jobs whose activity stops; `net_loss`: those of them that are lost, and the small firms
   that close, never more than the jobs there are. Jobs that software does instead come off what the law leaves
   and what is won elsewhere, so that no job is lost twice; `augmented` are those whose tasks it changes. `net_revenue` is in the currency of the
   revenue per job, `indirect_loss` beside and never added. Quantiles are taken of these sums: a sum of quantiles
   overstates.

   What is in proportion to the cells is summed over them first. Closures that may saturate are reckoned cell by cell, on
   lists: one row a draw and a group. #}
{% macro scenario_totals(cells, shocks, group, markets, has_closures=true, has_ai=true, has_revenue=true, keys=[]) -%}
{%- set meeting = ('inner join ' ~ shocks ~ ' as shocks using (' ~ keys | join(', ') ~ ')') if keys else 'cross join ' ~ shocks ~ ' as shocks' -%}
{%- set losses = [('net_loss', '1')] + ([('net_revenue', 'revenue_per_job')] if has_revenue else []) -%}
{%- set measures = ['gross_hit', 'net_loss'] + (['augmented'] if has_ai else []) + (['net_revenue'] if has_revenue else []) -%}
{%- set closing = [] -%}
{%- for market in markets -%}
  {%- do closing.append('small.share_' ~ loop.index ~ ' * "closing of ' ~ market ~ '"') -%}
{%- endfor -%}
{%- if has_closures %}
-- what a law reaches is a part of a share: a firm that has less than what closes anyone at stake is lost in proportion
parted as (
  select
    *, closable > 0 and coalesce({% for market in markets %}{{ '+ ' if not loop.first }}"share of {{ market }}" {% endfor %}<= (select min(closes_at) from {{ shocks }}), false) as is_proportional
  from {{ cells }}
),
{% set cells = 'parted' %}
{%- endif %}
stock as (
  select {{ first(keys) }}{{ group }}
    {%- if has_closures %},
    coalesce(list(struct_pack(
      {% for market in markets %}share_{{ loop.index }} := "share of {{ market }}"{{ ', ' if not loop.last }}{% endfor %}
      {%- if has_ai %}, ai_exposure := ai_exposure {%- endif %}
    )) filter (where closable > 0 and not is_proportional), []) as small_firms
    {%- endif %}
    {%- for loss, weight in losses %}
    {%- for market in markets %},
    sum("jobs of {{ market }}" * {{ weight }}) as "{{ loss }} of {{ market }}"
    {%- if has_ai %}, sum("jobs of {{ market }}" * {{ weight }} * ai_exposure) as "{{ loss }} to software of {{ market }}" {%- endif %}
    {%- endfor %}
    {%- if has_ai %},
    sum(headcount * {{ weight }} * ai_exposure) as "{{ loss }} to software"
    {%- endif %}
    {%- if has_closures %},
    coalesce(list(closable * {{ weight }}) filter (where closable > 0 and not is_proportional), []) as "{{ loss }} of closures"
    {%- for market in markets %},
    coalesce(sum(closable * "share of {{ market }}" * {{ weight }}) filter (where is_proportional), 0) as "{{ loss }} closing of {{ market }}"
    {%- if has_ai %}, coalesce(sum(closable * "share of {{ market }}" * {{ weight }} * ai_exposure) filter (where is_proportional), 0) as "{{ loss }} closing to software of {{ market }}" {%- endif %}
    {%- endfor %}
    {%- endif %}
    {%- endfor %}
  from {{ cells }}
  group by {{ first(keys) }}{{ group }}
),

met as (
  select
    stock.*, shocks.* {%- if keys %} exclude ({{ keys | join(', ') }}) {%- endif %}
    {%- if has_closures %},
    list_transform(small_firms, lambda small: least(closure, {{ closing | join(' + ') }}) {%- if has_ai %} * (1 - small.ai_exposure * taken) {%- endif %}) as closed
    {%- endif %}
  from stock
  {{ meeting }}
),

by_group as (
  select
    {{ first(keys) }}scenario, draw, {{ group }}::varchar as {{ group }}, multiplier,
    {% for market in markets %} {{ '+ ' if not loop.first }}"net_loss of {{ market }}" * "hit of {{ market }}" {%- endfor %} as gross_hit
    {%- for loss, weight in losses %},
    ({% for market in markets %} {{ '+ ' if not loop.first }}"{{ loss }} of {{ market }}" * "hit of {{ market }}" {%- endfor %}) * lost
      {%- if has_ai %} + ("{{ loss }} to software" - not_regained * ({% for market in markets %} {{ '+ ' if not loop.first }}"{{ loss }} to software of {{ market }}" * "hit of {{ market }}" {%- endfor %})) * taken_for_good {%- endif %}
      {%- if has_closures %} + coalesce(list_inner_product(closed, "{{ loss }} of closures"), 0)
      {%- for market in markets %} + ("{{ loss }} closing of {{ market }}" {%- if has_ai %} - taken * "{{ loss }} closing to software of {{ market }}" {%- endif %}) * "closing of {{ market }}" {%- endfor %}
      {%- endif %} as {{ loss }}
    {%- endfor %}
    {%- if has_ai %},
    ("net_loss to software" - not_regained * ({% for market in markets %} {{ '+ ' if not loop.first }}"net_loss to software of {{ market }}" * "hit of {{ market }}" {%- endfor %})) * met.augmented as augmented
    {%- endif %}
  from met
),

totals as (
  select {{ first(keys) }}scenario, draw, {{ group }}, {{ measures | join(', ') }}, net_loss * multiplier as indirect_loss
  from by_group
  union all
  select
    {{ first(keys) }}scenario, draw, '_T'
    {%- for measure in measures %}, sum({{ measure }}) {%- endfor %}, sum(net_loss * multiplier)
  from by_group
  group by {{ first(keys) }}scenario, draw
)
{%- endmacro %}

{# The ends of the interval of each measure, from its list of quantiles: 5 %, median, 95 %. #}
{% macro interval_ends(measures) -%}
  {%- for measure in measures -%}
    {{ ', ' if not loop.first }}{{ measure }}[1] as {{ measure }}_p05, {{ measure }}[2] as {{ measure }}_p50, {{ measure }}[3] as {{ measure }}_p95
  {%- endfor -%}
{%- endmacro %}

{# The interval of each measure by scenario and group. #}
{% macro scenario_intervals(totals, group, measures, keys=[]) -%}
  select {{ first(keys) }}scenario, {{ group }}, {{ interval_ends(measures) }}
  from (
    select {{ first(keys) }}scenario, {{ group }} {%- for measure in measures %}, quantile_cont({{ measure }}, [0.05, 0.5, 0.95]) as {{ measure }} {%- endfor %}
    from {{ totals }}
    group by {{ first(keys) }}scenario, {{ group }}
  ) as intervals
{%- endmacro %}

{# One scenario less another, draw by draw: both rest on the same numbers, so that what differs is what they assume.
   `pairs` is a condition on `one` and `other`. #}
{% macro scenario_differences(totals, group, measures, pairs, keys=[]) -%}
  select {{ first(keys) }}scenario, minus, {{ group }}, {{ interval_ends(measures) }}
  from (
    select
      {{ first(keys) }}one.scenario, other.scenario as minus, {{ group }} {%- for measure in measures %},
      quantile_cont(one.{{ measure }} - other.{{ measure }}, [0.05, 0.5, 0.95]) as {{ measure }}
      {%- endfor %}
    from {{ totals }} as one
    inner join {{ totals }} as other using ({{ first(keys) }}draw, {{ group }})
    where {{ pairs }}
    group by {{ first(keys) }}one.scenario, other.scenario, {{ group }}
  ) as apart
{%- endmacro %}

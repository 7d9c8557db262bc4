-- What each scenario does at each vintage, with what its figures rest on: jobs and their status of secrecy, laws, and
-- the lines of its file (of both files, for a difference).
{% set measures = ['gross_hit', 'net_loss', 'augmented', 'indirect_loss', 'net_revenue'] %}
with parameters as (
  select
    scenario, list(subject) filter (where parameter = 'diversification') as targets,
    list('scenario:' || assumption) || coalesce(list('market:' || subject) filter (where parameter = 'diversification'), []) as inputs,
    bool_or(parameter = 'adoption') as has_ai
  from {{ ref('int_scenario_parameters') }}
  group by scenario
),

laws as (
  select
    laws.vintage, laws.scenario, list(distinct laws.row_id) as inputs, max(laws.published_at) as published_at, max(laws.known_at) as known_at
  from {{ ref('int_scenario_laws') }} as laws
  inner join parameters using (scenario)
  where not laws.is_of_target or list_contains(parameters.targets, laws.market)
  group by laws.vintage, laws.scenario
)

-- what a perimeter lacks is told once for each scenario: without jobs, or without a law on them, nothing is computed
select
  vintages.vintage, perimeters.methodology, 'MA' as ref_area, scenarios.scenario, null::varchar as minus, scenarios.horizon as period,
  false as has_ai, true as is_missing, null::double as headcount,
  {% for end in ['p05', 'p50', 'p95'] %}{% for measure in measures %}null::double as {{ measure }}_{{ end }}, {% endfor %}{% endfor %}
  null::varchar as origin, 'F' as conf_status, 'L' as obs_status, null::timestamp as published_at, null::timestamp as known_at,
  []::varchar[] as inputs
from {{ ref('int_vintages') }} as vintages
cross join (values ('CRM'), ('DECLARED')) as perimeters (methodology)
cross join {{ ref('int_scenarios') }} as scenarios
where not exists (
  select 1 from {{ ref('int_scenario_studies') }} as studies
  where studies.vintage = vintages.vintage and studies.methodology = perimeters.methodology
)
union all
select
  studies.vintage, studies.methodology, intervals.ref_area, intervals.scenario, intervals.minus, scenarios.horizon, mine.has_ai, false,
  stock.headcount,
  {% for end in ['p05', 'p50', 'p95'] %}{% for measure in measures %}intervals.{{ measure }}_{{ end }}, {% endfor %}{% endfor %}
  stock.origin, stock.conf_status,
  case when scenarios.horizon > studies.vintage then 'F' else 'E' end,
  greatest(stock.published_at, laws.published_at),
  greatest(stock.known_at, laws.known_at),
  list_sort(list_distinct(
    stock.inputs || mine.inputs || coalesce(theirs.inputs, []) || laws.inputs || coalesce(their_laws.inputs, [])
  ))
from {{ ref('int_scenario_studies') }} as studies
inner join {{ ref('int_scenario_intervals') }} as intervals on studies.study = intervals.study
inner join {{ ref('int_scenarios') }} as scenarios on intervals.scenario = scenarios.scenario
inner join {{ ref('int_scenario_stock') }} as stock
  on studies.vintage = stock.vintage and studies.methodology = stock.methodology and intervals.ref_area = stock.ref_area
inner join parameters as mine on intervals.scenario = mine.scenario
inner join laws on studies.vintage = laws.vintage and intervals.scenario = laws.scenario
left join parameters as theirs on intervals.minus = theirs.scenario
left join laws as their_laws on studies.vintage = their_laws.vintage and intervals.minus = their_laws.scenario

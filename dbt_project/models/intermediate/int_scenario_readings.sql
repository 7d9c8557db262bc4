-- What each scenario does at each vintage, with what its figures rest on: jobs and their status of secrecy, laws, and
-- the lines of its file (of both files, for a difference).
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

select
  studies.vintage, studies.methodology, intervals.* exclude (study), scenarios.horizon as period, mine.has_ai,
  stock.* exclude (vintage, methodology, ref_area, obs_status, class, published_at, known_at, inputs),
  case when scenarios.horizon > studies.vintage then 'F' else 'E' end as obs_status,
  greatest(stock.published_at, laws.published_at) as published_at,
  greatest(stock.known_at, laws.known_at) as known_at,
  list_sort(list_distinct(
    stock.inputs || mine.inputs || coalesce(theirs.inputs, []) || laws.inputs || coalesce(their_laws.inputs, [])
  )) as inputs
from {{ ref('int_scenario_studies') }} as studies
inner join {{ ref('int_scenario_intervals') }} as intervals on studies.study = intervals.study
inner join {{ ref('int_scenarios') }} as scenarios on intervals.scenario = scenarios.scenario
inner join {{ ref('int_scenario_stock') }} as stock
  on studies.vintage = stock.vintage and studies.methodology = stock.methodology and intervals.ref_area = stock.ref_area
inner join parameters as mine on intervals.scenario = mine.scenario
inner join laws on studies.vintage = laws.vintage and intervals.scenario = laws.scenario
left join parameters as theirs on intervals.minus = theirs.scenario
left join laws as their_laws on studies.vintage = their_laws.vintage and intervals.minus = their_laws.scenario

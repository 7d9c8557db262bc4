-- The index of a city, its pillars and the scores of their indicators, each a reading under its own breakdown.
-- A score is made of what may be seen alone: an indicator that statistical secrecy hides counts as missing, so that
-- the index tells nothing of it. What is known of the region stands for its cities; what is known of the country tells
-- none of them apart, and is left out.
-- The interval goes from the lowest to the highest score over the intervals of what it is made of and, for the index,
-- when pillars make up for each other, and when one is left out.
{% set parts = [
  'cog_skill_gap', 'cog_training_hours', 'cog_turnover',
  'eco_city_lq', 'eco_client_top1_share', 'eco_language_hhi', 'eco_market_top1_share',
  'reg_exposure', 'reg_pipeline',
  'res_city_diversity', 'res_new_market_share', 'res_reemployment', 'res_unemployment_gap',
  'tec_adoption_rate', 'tec_ai_exposure', 'tec_stack_hhi', 'tec_value_added_share',
] %}
with readings as (
  {% for part in parts %}
  select * replace ('{{ part }}' as indicator) from {{ ref('ind_' ~ part) }}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
),

placed as (
  select
    readings.* exclude (ref_area), cities.ref_area as city, readings.ref_area = cities.ref_area as is_own,
    readings.value is not null and readings.conf_status = 'F' as is_seen, year(readings.period) as said_of
  from readings
  inner join {{ ref('int_places') }} as cities
    on cities.level = 'city' and readings.ref_area in (cities.ref_area, cities.parent)
  where readings.breakdown = '_T' and readings.scenario = '_Z'
),

-- the last year of which the city itself declared something: without it the city has no line, whatever is known around it.
-- What is read on the day of the vintage dates nothing: it is of that day, whatever it rests on
dated as (
  select
    vintage, city, max(said_of) as year, bool_or(not is_seen and conf_status <> 'F') as has_secret,
    bool_or(origin = 'invented') as is_invented, list_distinct(flatten(list(inputs))) as dating
  from placed
  where is_own and freq <> 'D' and (is_seen or conf_status <> 'F')
  group by vintage, city
),

-- what is known of that year, or of the one before; of the region where the city says nothing
told as (
  select placed.*, dated.year
  from placed
  inner join dated on placed.vintage = dated.vintage and placed.city = dated.city
  where placed.is_seen and (placed.freq = 'D' or placed.said_of between dated.year - 1 and dated.year)
  qualify row_number() over (
    partition by placed.vintage, placed.city, placed.indicator order by placed.is_own desc, placed.period desc, placed.freq
  ) = 1
),

variants as (
  select unnest(['as it is', 'arithmetic', 'lower', 'upper']) as variant
  union all
  select node from {{ ref('int_vulnerability_structure') }} where depth = 1
),

structure as (
  select
    variants.variant, tree.node, tree.parent, tree.depth,
    case when tree.node = variants.variant then 0 else tree.weight end as weight,
    case when tree.depth = 0 and variants.variant = 'arithmetic' then 'arithmetic' else tree.aggregation end as aggregation
  from {{ ref('int_vulnerability_structure') }} as tree
  cross join variants
),

valued as (
  select
    told.vintage, told.city, told.indicator, variants.variant,
    case variants.variant
      when 'lower' then coalesce(told.lower, told.value) when 'upper' then coalesce(told.upper, told.value) else told.value
    end as value
  from told
  cross join variants
),

leaf_scores as (
  select
    valued.vintage, valued.city, valued.variant, valued.indicator as node,
    {{ between_goalposts(
      'case when tree.is_log then ' ~ log_of('valued.value') ~ ' else valued.value end',
      'case when tree.is_log then ' ~ log_of('tree.low') ~ ' else tree.low end',
      'case when tree.is_log then ' ~ log_of('tree.high') ~ ' else tree.high end', 1, 99
    ) }} as score
  from valued
  inner join {{ ref('int_vulnerability_structure') }} as tree on valued.indicator = tree.node
),

{{ composite('leaf_scores', 'structure', ['vintage', 'city', 'variant'], 2, 100, ['variant']) }},

scored as (
  select
    vintage, city, node,
    max(score) filter (where variant = 'as it is') as score,
    max(coverage) filter (where variant = 'as it is') as coverage,
    min(score) as least,
    max(score) as greatest
  from composite
  group by vintage, city, node
),

-- what each node rests on
under as (
  select parts.node as part, ancestors.node
  from {{ ref('int_vulnerability_structure') }} as parts
  inner join {{ ref('int_vulnerability_structure') }} as ancestors
    on ancestors.node in (parts.node, parts.parent) or ancestors.depth = 0
  where parts.depth = 2
),

resting as (
  select
    told.vintage, told.city, under.node,
    string_agg(distinct told.methodology, '/' order by told.methodology) as methodology,
    {{ inherited() }}
  from told
  inner join under on told.indicator = under.part
  group by told.vintage, told.city, under.node
),

rated as (
  select
    dated.vintage, dated.city, dated.has_secret, dated.is_invented, dated.dating, make_timestamp(dated.year, 1, 1, 0, 0, 0) as period, 'A' as freq,
    scored.node, scored.score, scored.coverage, scored.least, scored.greatest, resting.* exclude (vintage, city, node)
  from dated
  left join scored on dated.vintage = scored.vintage and dated.city = scored.city
  left join resting on scored.vintage = resting.vintage and scored.city = resting.city and scored.node = resting.node
),

-- a city of which nothing may be seen has its one line all the same
whole as (
  select
    * replace (
      coalesce(node, 'IVT') as node, coalesce(methodology, '_Z') as methodology,
      case when is_invented then 'invented' else origin end as origin,
      list_sort(list_distinct(coalesce(inputs, []) || dating)) as inputs
    ),
    coalesce(coverage, 0) >= 2.0 / 3 - 1e-9 as is_covered
  from rated
)

{{ reading(
  'ivt', 'INDEX', value='score', lower='least', upper='greatest', class="'modelled'", ref_area='city',
  breakdown="case node when 'IVT' then '_T' else node end", obs_status="'D'",
  missing_reason="case when node = 'IVT' and not is_covered then case when has_secret then 'suppressed' else 'not_collected' end end"
) }}
from whole

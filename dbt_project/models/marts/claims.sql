-- What is said of jobs and dependence, by whom and when: claims that contradict each other stand side by side.
with current_rows as (
  select * from {{ ref('int_claims') }} where conf_status = 'F'
),

bounded as (
  select *, coalesce(lower, obs_value) as least, coalesce(upper, obs_value) as greatest from current_rows
),

contradicted as (
  select one.observation_id, count(*) as contradictions
  from bounded as one
  inner join bounded as other
    on one.observation_id <> other.observation_id
    and one.indicator = other.indicator and one.methodology = other.methodology
    and one.ref_area = other.ref_area and one.segment = other.segment
    and year(one.period) = year(other.period)
    and (one.least > other.greatest or one.greatest < other.least)
  group by one.observation_id
)

select
  bounded.observation_id as claim_id,
  bounded.indicator as subject,
  coalesce(subjects.label_fr, bounded.indicator) as subject_fr,
  bounded.methodology as scope,
  coalesce(scopes.label_fr, bounded.methodology) as scope_fr,
  bounded.ref_area, bounded.freq, bounded.period,
  {{ fr_period('bounded.period', 'bounded.freq') }} as period_fr,
  bounded.obs_value as value, bounded.lower, bounded.upper, bounded.unit_measure as unit,
  coalesce(
    {{ fr_reading('bounded.obs_value', 'bounded.lower', 'bounded.upper', "case bounded.unit_measure when 'PT' then 'RATIO' else bounded.unit_measure end") }},
    'sans chiffre'
  ) as value_text,
  bounded.comment as qualifier,
  bounded.source as who,
  bounded.source_name as who_fr,
  bounded.source_url,
  cast(bounded.published_at as date) as said_on,
  {{ fr_date('cast(bounded.published_at as date)') }} as said_on_fr,
  bounded.class,
  coalesce(contradicted.contradictions, 0) as contradictions,
  bounded.origin, bounded.known_at, bounded.feed, bounded.load_id, bounded.place
from bounded
left join contradicted on bounded.observation_id = contradicted.observation_id
left join {{ ref('codes') }} as subjects on subjects.list = 'subject' and subjects.code = bounded.indicator
left join {{ ref('codes') }} as scopes on scopes.list = 'methodology' and scopes.code = bounded.methodology

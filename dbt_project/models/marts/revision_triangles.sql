-- Every release of every figure of a closed period: what was first said, then each time what was said differed.
-- Source and perimeter are in the series, so a change of perimeter starts another series and revises nothing.
-- A confirmation (the same figure, final instead of provisional) is no release. A withdrawal is one, without a figure.
-- A reading of the day is another one tomorrow, not a revised one: those of daily frequency, and those whose sheet
-- says that they move with the calendar (V3), are left out.
-- Only what the build may have changed is worked out again: figures that moved, periods that closed, and all readings,
-- which are few.
{{ config(
  materialized='incremental', incremental_strategy='delete+insert', unique_key=['subject', 'series_id', 'period'],
  on_schema_change='fail',
  pre_hook="{% if is_incremental() %}delete from {{ this }} where subject = 'indicator'{% endif %}"
) }}
{% set line = 'partition by subject, series_id, period' %}
with told as (
  select
    'observation' as subject, observations.series_id,
    coalesce(subjects.label_fr, feeds.title || ' · ' || observations.indicator) as label_fr,
    observations.feed, observations.indicator, observations.ref_area, observations.counterpart_area,
    observations.segment as breakdown, observations.source, observations.methodology, observations.freq, observations.period,
    observations.unit_measure as unit, coalesce(observations.decimals, 12) as decimals,
    observations.obs_value as value, observations.lower, observations.upper, observations.class, observations.obs_status,
    observations.origin, observations.document, observations.published_at, observations.known_from, observations.known_to,
    observations.observation_id as receipt_id
  from {{ ref('int_observations') }} as observations
  inner join {{ ref('int_moved') }} as moved on observations.series_id = moved.series_id and observations.period = moved.period
  left join {{ ref('int_feeds') }} as feeds on observations.feed = feeds.feed
  left join {{ ref('codes') }} as subjects on subjects.list = 'subject' and subjects.code = observations.indicator
  where observations.conf_status = 'F' and observations.scenario = '_Z'
  union all
  select
    'indicator', md5(concat_ws('|', history.indicator, history.ref_area, history.breakdown, history.freq, history.methodology)),
    catalogue.label_fr,
    null, history.indicator, history.ref_area, null,
    split_part(history.breakdown, '@', 1), nullif(split_part(history.breakdown, '@', 2), ''), history.methodology,
    history.freq, history.period,
    history.unit, 9,
    history.value, history.lower, history.upper, history.class, history.obs_status,
    history.origin, null, history.published_at, history.known_from, history.known_to, history.receipt_id
  from {{ ref('indicator_history') }} as history
  inner join {{ ref('indicators') }} as catalogue on history.indicator = catalogue.indicator
  where history.freq <> 'D' and history.scenario = '_Z' and catalogue.revision_rule <> 'V3'
),

-- a reading that nobody states any more has no row: its end is its withdrawal
ended as (
  select * exclude (next_from) replace (
    null as value, null as lower, null as upper, 'unknown' as class, 'O' as obs_status,
    known_to as known_from, null as known_to
  )
  from (select *, lead(known_from) over ({{ line }} order by known_from) as next_from from told)
  where known_to is not null and next_from is distinct from known_to
),

stated as (
  select *, value is null and lower is null and upper is null as is_void
  from (select * from told union all select * from ended)
  where {{ period_later('period', 'freq') }} <= {{ as_of() }}
),

compared as (
  select
    *,
    lag(is_void) over line is not distinct from is_void
      and round(lag(value) over line, least(decimals, lag(decimals) over line))
        is not distinct from round(value, least(decimals, coalesce(lag(decimals) over line, 12)))
      and lag(lower) over line is not distinct from lower
      and lag(upper) over line is not distinct from upper as is_same
  from stated
  window line as ({{ line }} order by known_from)
  -- a reading that is still missing is not a first release
  qualify not bool_and(is_void) over ({{ line }} order by known_from rows between unbounded preceding and current row)
),

numbered as (
  select
    *,
    row_number() over ({{ line }} order by known_from) as release_no,
    lead(known_from) over ({{ line }} order by known_from) as next_from
  from compared
  where not is_same
)

select
  md5(concat_ws('|', subject, series_id, period, release_no)) as release_id,
  subject, series_id, label_fr, feed, indicator, ref_area, counterpart_area, breakdown, source, methodology, freq, period,
  {{ fr_period('period', 'freq') }} as period_fr,
  release_no::integer as release_no,
  value, lower, upper, unit, {{ fr_vintage('value', 'lower', 'upper', 'unit') }} as value_text,
  class, obs_status, is_void as is_withdrawn, origin, document, published_at, known_from, next_from as known_to, receipt_id,
  date_diff('day', {{ period_later('period', 'freq') }} - interval 1 day, coalesce(published_at, known_from))::integer as age_days
from numbered

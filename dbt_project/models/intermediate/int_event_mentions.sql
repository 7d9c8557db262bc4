-- One row for each event and article that tells of it: what the article says of it, word for word, and how far the event
-- had gone by then. Where an article tells one event twice, the first time speaks.
with towns as (
  select ref_area, name_fr, replace(strip_accents(lower(name_fr)), ' ', '-') as place_id
  from {{ ref('int_places') }} where level = 'city'
),

figures as (
  select article_id, report, string_agg(value, ' ; ' order by span_start) as figures_text
  from {{ ref('int_readings') }}
  where kind = 'figure' and report is not null
  group by article_id, report
)

select
  placed.event_id, placed.told_as, placed.article_id, placed.report, placed.rank, placed.mention_rank, placed.is_sure, placed.state,
  readings.family, readings.value as event_type, readings.organisation, placed.organisation_name, readings.place_id,
  towns.ref_area, coalesce(towns.name_fr, readings.place_id) as place_name, readings.site,
  readings.happens_on, placed.happens_from, placed.happens_to, readings.certainty,
  readings.number as jobs, readings.number_max as jobs_max, readings.approximation, figures.figures_text,
  {{ jobs_least('readings.number', 'readings.number_max', 'readings.approximation') }} as jobs_lower,
  {{ jobs_most('readings.number', 'readings.number_max', 'readings.approximation') }} as jobs_upper,
  readings.quote, readings.span_start, readings.span_end, readings.lang,
  stories.story_id, stories.title, stories.link, stories.outlet, stories.published_at, stories.first_seen_at,
  coalesce(cast(stories.published_at as date), {{ local_day('stories.first_seen_at') }}) as told_on,
  stories.origin, stories.feed, stories.load_id, stories.place, stories.row_id
from {{ ref('event_reports') }} as placed
inner join {{ ref('int_readings') }} as readings
  on placed.article_id = readings.article_id and placed.report = readings.report and readings.kind = 'event'
inner join {{ ref('int_stories') }} as stories on placed.article_id = stories.article_id
left join figures on placed.article_id = figures.article_id and placed.report = figures.report
left join towns on readings.place_id = towns.place_id
qualify row_number() over (partition by placed.event_id, placed.article_id order by placed.report) = 1

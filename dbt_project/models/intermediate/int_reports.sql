-- The events that articles report, in the order in which the articles were known, with the story of each.
select
  readings.article_id, readings.report, stories.story_id, stories.published_at, stories.first_seen_at, readings.family,
  readings.value as event_type, readings.organisation, readings.place_id, readings.site, readings.happens_on, readings.number,
  readings.number_max, readings.approximation, readings.certainty, readings.origin
from {{ ref('int_readings') }} as readings
inner join {{ ref('int_stories') }} as stories on readings.article_id = stories.article_id
where readings.kind = 'event'
order by stories.first_seen_at, stories.published_at nulls last, readings.article_id, readings.report

-- What is known at the date of the question, and what is missing at that date, with the reason. A value that could not
-- be computed because a feed never brought anything, or because its row is held at the door, says that and no less.
with empty as (
  select catalogue.indicator, min(absences.reason) as reason
  from {{ ref('indicators') }} as catalogue
  inner join {{ ref('int_feed_absences') }} as absences on list_contains(catalogue.feeds, absences.feed)
  where absences.is_empty
  group by catalogue.indicator
),

held as (
  select distinct catalogue.indicator, held.period
  from {{ ref('indicators') }} as catalogue
  inner join {{ ref('int_quarantine') }} as held on list_contains(catalogue.feeds, held.feed)
  where held.period is not null
),

explained as (
  select
    readings.* exclude (known_from, known_to) replace (
      case
        when readings.missing_reason = 'not_published' and held.period is not null then 'quarantined'
        when readings.missing_reason = 'not_published' then coalesce(empty.reason, 'not_published')
        else readings.missing_reason
      end as missing_reason
    )
  from {{ ref('indicator_history') }} as readings
  left join empty on readings.indicator = empty.indicator
  left join held on readings.indicator = held.indicator and readings.period = held.period
  where readings.known_to is null
)

select * replace (case when missing_reason = 'not_collected' then 'L' else obs_status end as obs_status)
from explained
union all
select * exclude (inputs) from {{ ref('indicator_gaps') }}

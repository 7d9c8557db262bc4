-- Events that articles report, one row each: what they agree on, and between what and what the rest lies. What is not sure to
-- be of the event counts as a report and says nothing of it.
with ordered as (
  select *, row_number() over (partition by event_id order by rank desc) as from_last from {{ ref('int_event_mentions') }}
),

told as (
  select
    event_id,
    arg_min(title, rank) as title, arg_min(link, rank) as link, arg_min(outlet, rank) as outlet, arg_min(family, rank) as family,
    arg_min(event_type, (list_position(['closure', 'layoff', 'jobs_at_risk', 'opening', 'expansion'], event_type), rank)) as event_type,
    arg_min(organisation_name, rank) filter (where organisation_name is not null and is_sure) as operator,
    arg_min(ref_area, rank) filter (where ref_area is not null and is_sure) as ref_area,
    arg_min(place_name, rank) filter (where place_name is not null and is_sure) as place_name,
    arg_max(happens_on, rank) filter (where happens_on is not null and is_sure) as happens_on,
    arg_max(happens_to, rank) filter (where happens_to is not null and is_sure) as happens_to,
    max(state) filter (where from_last = 1) as state,
    count(*) as n_reports, count(distinct coalesce(outlet, feed)) as n_sources, count(distinct story_id) as n_stories,
    min(told_on) as first_seen_on, max(told_on) as last_seen_on,
    min(told_on) filter (where certainty in ('executed', 'removed', 'created') and is_sure) as executed_on,
    min(jobs_lower) filter (where is_sure) as jobs_lower, max(jobs_upper) filter (where is_sure and jobs is not null) as jobs_upper,
    bool_or(jobs is not null and jobs_upper is null) filter (where is_sure) as is_open_ended,
    count(distinct jobs) filter (where is_sure) as n_figures,
    arg_max(jobs, rank) filter (where jobs is not null and is_sure) as last_jobs,
    arg_min(jobs, rank) filter (where jobs is not null and is_sure) as first_jobs,
    arg_max(jobs, rank) filter (where jobs is not null and is_sure and certainty in ('executed', 'removed', 'created')) as executed_jobs,
    case when bool_or(origin = 'invented') then 'invented' when bool_or(origin = 'retyped') then 'retyped' else 'recorded' end as origin,
    min(first_seen_at) as known_at, arg_min(feed, rank) as feed, arg_min(load_id, rank) as load_id, arg_min(place, rank) as place,
    list_sort(list_distinct(list(row_id))) as inputs
  from ordered
  group by event_id
)

select
  told.*,
  -- a promise of nobody, nowhere, can be neither kept nor broken
  case
    when told.state in ('announced', 'confirmed', 'revised') and patience.days is not null and coalesce(told.operator, told.place_name) is not null
    then coalesce(told.happens_to, cast(told.first_seen_on + to_days(patience.days) as date))
  end as due_on,
  patience.days as patience_days
from told
left join {{ ref('int_event_patience') }} as patience on told.event_type = patience.event_type

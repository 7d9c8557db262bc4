-- What happened to sites and is accepted in the register, and the events that the press reports and nobody has reviewed yet:
-- many articles, one event. Its figures are those of all its reports; where they differ, no single one is given.
with accepted as (
  select
    site_id as event_id, 'accepté' as review, scope as kind, scope_fr as kind_fr,
    operator as title, operator, ref_area, city_name as place_name,
    jobs_planned::double as jobs, as_of as happened_on,
    source, source_url, origin, known_at, 'operator_sites' as feed, load_id, place, receipt_id,
    scope as event_type, null::varchar as state, null::varchar as happens_on,
    null::bigint as n_reports, null::bigint as n_sources, null::bigint as n_stories,
    as_of as first_seen_on, as_of as last_seen_on,
    jobs_planned::double as jobs_lower, jobs_planned::double as jobs_upper, null::bigint as n_figures,
    null::date as due_on, null::date as executed_on, null::double as executed_jobs, [receipt_id] as inputs
  from {{ ref('sites') }}
  where is_event
),

candidates as (
  select
    event_id, 'candidat' as review, event_type as kind, coalesce(types.label_fr, event_type) as kind_fr,
    title, operator, ref_area, place_name,
    case when n_figures = 1 and jobs_lower = jobs_upper then jobs_lower end as jobs, first_seen_on as happened_on,
    outlet as source, case when regexp_matches(link, '^https?://[^\s"<>]+$') then link end as source_url,
    origin, known_at, feed, load_id, place, md5('event|' || event_id) as receipt_id,
    event_type, state, happens_on, n_reports, n_sources, n_stories, first_seen_on, last_seen_on,
    jobs_lower, case when not is_open_ended then jobs_upper end as jobs_upper, n_figures,
    due_on, executed_on, executed_jobs, inputs
  from {{ ref('int_events') }} as events
  left join {{ ref('codes') }} as types on types.list = 'event_type' and types.code = events.event_type
),

whole as (
  select * from accepted
  union all
  select * from candidates
)

select
  whole.* exclude (inputs),
  states.label_fr as state_fr,
  whole.due_on is not null and whole.due_on < {{ local_day(as_of()) }} as is_overdue,
  whole.inputs
from whole
left join {{ ref('codes') }} as states on states.list = 'event_state' and states.code = whole.state

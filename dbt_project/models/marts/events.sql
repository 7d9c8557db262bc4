-- What happened to sites and is accepted in the register, and the events that the press reports: many articles, one event.
-- Its figures are those of all its reports; where they differ, no single one is given. What a reader decided has the last
-- word, and an event that a reader kept stands by the decision, even where its articles are told otherwise since.
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

decided as (
  select decisions.*, decisions.decision <> 'reject' as is_kept, places.name_fr
  from {{ ref('int_event_decisions') }} as decisions
  left join {{ ref('int_places') }} as places on decisions.ref_area = places.ref_area
  where decisions.is_last
),

told as (
  select
    coalesce(events.event_id, decided.event_id) as event_id,
    case when decided.is_kept then 'accepté' when decided.event_id is not null then 'rejeté' else 'candidat' end as review,
    case when decided.is_kept then decided.event_type else coalesce(events.event_type, decided.event_type) end as event_type,
    case when decided.is_kept then decided.title else coalesce(events.title, decided.title) end as title,
    case when decided.is_kept then decided.operator else events.operator end as operator,
    case when decided.is_kept then decided.ref_area else events.ref_area end as ref_area,
    case when decided.is_kept then decided.name_fr else events.place_name end as place_name,
    case
      when decided.is_kept then decided.jobs::double
      when events.n_figures = 1 and events.jobs_lower = events.jobs_upper then events.jobs_lower
    end as jobs,
    case when decided.is_kept then decided.happened_on else events.first_seen_on end as happened_on,
    coalesce(events.outlet, decided.source) as source, coalesce(events.link, decided.source_url) as link,
    coalesce(events.origin, decided.origin) as origin, greatest(events.known_at, decided.known_at) as known_at,
    coalesce(events.feed, 'reviewed_events') as feed, coalesce(events.load_id, decided.load_id) as load_id,
    coalesce(events.place, decided.place) as place,
    events.state, events.happens_on, events.n_reports, events.n_sources, events.n_stories,
    coalesce(events.first_seen_on, decided.happened_on) as first_seen_on,
    coalesce(events.last_seen_on, decided.happened_on) as last_seen_on,
    case when decided.is_kept and decided.jobs is not null then decided.jobs else events.jobs_lower end as jobs_lower,
    case
      when decided.is_kept and decided.jobs is not null then decided.jobs
      when not events.is_open_ended then events.jobs_upper
    end as jobs_upper,
    events.n_figures, events.due_on, events.executed_on, events.executed_jobs,
    list_sort(list_distinct(coalesce(events.inputs, []) || if(decided.row_id is null, [], [decided.row_id]))) as inputs
  from {{ ref('int_events') }} as events
  full outer join decided on events.event_id = decided.event_id
),

candidates as (
  select
    event_id, review, event_type as kind, coalesce(types.label_fr, event_type) as kind_fr,
    title, operator, ref_area, place_name, jobs, happened_on,
    source, case when regexp_matches(link, '^https?://[^\s"<>]+$') then link end as source_url,
    origin, known_at, feed, load_id, place, md5('event|' || event_id) as receipt_id,
    event_type, state, happens_on, n_reports, n_sources, n_stories, first_seen_on, last_seen_on,
    jobs_lower, jobs_upper, n_figures, due_on, executed_on, executed_jobs, inputs
  from told
  left join {{ ref('codes') }} as types on types.list = 'event_type' and types.code = told.event_type
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

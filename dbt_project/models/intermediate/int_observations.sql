-- Every figure that every feed ever stated, with the interval during which it was the one to believe.
-- The best figure is the latest release, then the latest known; a restatement that says the same, at the
-- coarser of the two precisions, adds nothing. A row that a complete list, or a new judgement of its document, no
-- longer holds is withdrawn. A document that is judged anew is no later release for that.
with stated as (
  {{ union_of_feeds(var('observation_feeds'), observation_columns()) }}
),

landed as (
  select
    stated.* exclude (published_at),
    md5(concat_ws('|', {{ series_key() | join(', ') }})) as series_id,
    coalesce(stated.published_at, editions.published_at) as published_at,
    editions.known_at, editions.first_known_at, editions.origin, editions.document,
    editions.is_snapshot, editions.edition_no, editions.next_load_id, editions.next_known_at,
    {{ row_id('stated.feed', 'stated.load_id', 'stated.row_no') }} as observation_id,
    false as is_withdrawn
  from stated
  inner join {{ ref('int_editions') }} as editions on stated.feed = editions.feed and stated.load_id = editions.load_id
),

present as (
  select distinct feed, load_id, edition_no, series_id, period
  from landed
  where is_snapshot or (feed, load_id) in (select (feed, next_load_id) from landed)
),

withdrawn as (
  select
    landed.* replace (
      null as obs_value, null as lower, null as upper, 'unknown' as class, 'O' as obs_status,
      landed.next_load_id as load_id, landed.next_known_at as known_at,
      md5(landed.observation_id || landed.next_load_id) as observation_id,
      true as is_withdrawn
    )
  from landed
  left join present
    on landed.feed = present.feed and landed.next_load_id = present.load_id
    and landed.series_id = present.series_id and landed.period = present.period
  where landed.next_load_id is not null and present.load_id is null
),

-- a row that comes back after a withdrawal speaks again from the edition that brings it back,
-- whatever the release date it carries
stored as (
  select
    landed.*,
    landed.is_snapshot
      and before.load_id is null
      and landed.edition_no > min(landed.edition_no) over (partition by landed.feed, landed.series_id, landed.period)
      as is_back
  from landed
  left join present as before
    on landed.feed = before.feed and landed.edition_no = before.edition_no + 1
    and landed.series_id = before.series_id and landed.period = before.period
  union all
  select *, false as is_back from withdrawn
),

timed as (
  select
    *,
    case when is_withdrawn or is_back then known_at else {{ visible_from('published_at', 'known_at') }} end as visible_at,
    case when is_snapshot then known_at else coalesce(published_at, first_known_at) end as released_at
  from stored
),

best as (
  select * from timed
  where visible_at <= {{ as_of() }}
  qualify
    row_number() over (
      partition by series_id, period, visible_at order by released_at desc, known_at desc, row_no desc
    ) = 1
    and released_at >= coalesce(max(released_at) over (
      partition by series_id, period order by visible_at, released_at
      rows between unbounded preceding and 1 preceding
    ), released_at)
),

compared as (
  select
    *,
    lag(observation_id) over line as previous_id,
    lag(obs_value) over line as previous_value,
    least(coalesce(decimals, 12), coalesce(lag(decimals) over line, 12)) as coarser,
    (lag(struct_pack(l := lower, u := upper, c := class, s := obs_status, f := conf_status)) over line)
      is distinct from struct_pack(l := lower, u := upper, c := class, s := obs_status, f := conf_status) as is_requalified
  from best
  window line as (partition by series_id, period order by visible_at)
)

select
  * exclude (
    previous_id, previous_value, coarser, is_requalified, is_snapshot, is_back, edition_no,
    first_known_at, next_load_id, next_known_at, released_at, visible_at
  ),
  visible_at as known_from,
  lead(visible_at) over (partition by series_id, period order by visible_at) as known_to
from compared
where
  previous_id is null
  or is_requalified
  or round(obs_value, coarser) is distinct from round(previous_value, coarser)

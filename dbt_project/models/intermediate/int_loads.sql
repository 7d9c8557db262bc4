-- The ledger as it may testify at the date of the question, with what is declared of each feed.
-- A document that is judged anew keeps its place (`first_known_at`). A judgement stands until another one of the
-- same document; what it landed is believed until another one lands (`superseded_at`). What it holds is open to
-- work unless a newer edition of a complete list makes it pointless.
-- Stages that failed are in the ledger too: they have no feed declaration.
with recursive known as (
  select * from {{ source('lake', 'loads') }} where known_at <= {{ latest_knowledge() }}
),

judgements as (
  select feed, load_id, load_id as root_id, known_at as first_known_at
  from known
  where (feed, supersedes) not in (select (feed, load_id) from known)
  union all
  select known.feed, known.load_id, judgements.root_id, judgements.first_known_at
  from known
  inner join judgements on known.feed = judgements.feed and known.supersedes = judgements.load_id
),

superseded as (
  select
    known.feed, known.load_id,
    lead(known.load_id) over line as superseded_by,
    lead(known.known_at) over line as superseded_at
  from known
  inner join judgements on known.feed = judgements.feed and known.load_id = judgements.load_id
  where known.status = 'landed'
  window line as (partition by known.feed, judgements.root_id order by known.known_at, known.load_id)
)

select
  known.*,
  feeds.title, feeds.publisher, feeds.rhythm_days, feeds.produces, feeds.is_snapshot,
  coalesce(feeds.is_confidential, false) as is_confidential,
  judgements.root_id, judgements.first_known_at, superseded.superseded_by, superseded.superseded_at,
  replacing.load_id is null as is_standing,
  replacing.load_id is null and (
    not coalesce(feeds.is_snapshot, false)
    or known.known_at >= coalesce(
      max(known.known_at) filter (where known.status = 'landed' and known.rows_landed > 0) over (partition by known.feed),
      known.known_at
    )
  ) as is_open
from known
inner join judgements on known.feed = judgements.feed and known.load_id = judgements.load_id
left join known as replacing on known.feed = replacing.feed and known.load_id = replacing.supersedes
left join superseded on known.feed = superseded.feed and known.load_id = superseded.load_id
left join {{ source('lake', 'feeds') }} as feeds on known.feed = feeds.feed

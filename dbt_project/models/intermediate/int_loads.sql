-- The ledger as it may testify at the date of the question, with what is declared of each feed.
-- Stages that failed are in the ledger too: they have no feed declaration.
select
  loads.*,
  feeds.title, feeds.publisher, feeds.rhythm_days, feeds.produces, feeds.is_snapshot
from {{ source('lake', 'loads') }} as loads
left join {{ source('lake', 'feeds') }} as feeds on loads.feed = feeds.feed
where loads.known_at <= {{ latest_knowledge() }}

-- Figures that nobody published, with who holds each; a request or an answer dated after the question is not yet one.
select
  rows.* replace (
    case when rows.requested_on <= {{ local_day(as_of()) }} then rows.requested_on end as requested_on,
    case when rows.answered_on <= {{ local_day(as_of()) }} then rows.answered_on end as answered_on
  ),
  editions.origin, editions.known_at
from {{ ref('stg_data_requests') }} as rows
inner join {{ ref('int_register_editions') }} as editions on editions.feed = 'data_requests' and rows.load_id = editions.load_id
where editions.known_at <= {{ as_of() }} and (editions.superseded_at is null or editions.superseded_at > {{ as_of() }})

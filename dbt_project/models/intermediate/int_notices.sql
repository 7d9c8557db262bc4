-- What publishers announced, each notice as its latest version known at the date of the question. Two feeds that
-- carry one text (a gazette's archive and its search service) are one notice.
with notices as (
  {{ union_of_feeds(var('notice_feeds'), notice_columns()) }}
),

judged as (
  select
    notices.*, loads.origin, loads.document, loads.first_known_at, loads.superseded_at,
    min(loads.known_at) over (partition by notices.feed, loads.root_id, notices.jurisdiction, notices.local_id) as known_at
  from notices
  inner join {{ ref('int_loads') }} as loads on notices.feed = loads.feed and notices.load_id = loads.load_id
)

select * exclude (first_known_at, superseded_at)
from judged
where superseded_at is null and {{ visible_from('published_at', 'known_at') }} <= {{ as_of() }}
qualify row_number() over (
  partition by jurisdiction, local_id order by first_known_at desc, feed, row_no desc
) = 1

-- What publishers announced, each notice as its latest version known at the date of the question. Two feeds that
-- carry one text (a gazette's archive and its search service) are one notice.
with notices as (
  {% for feed in var('notice_feeds') %}
  select '{{ feed }}' as feed, {{ notice_columns() | join(', ') }}
  from {{ ref('stg_' ~ feed) }}
  {% if not loop.last %}union all{% endif %}
  {% endfor %}
)

select
  notices.*, loads.known_at, loads.origin, loads.document
from notices
inner join {{ ref('int_loads') }} as loads on notices.feed = loads.feed and notices.load_id = loads.load_id
where {{ visible_from('notices.published_at', 'loads.known_at') }} <= {{ as_of() }}
qualify row_number() over (
  partition by notices.jurisdiction, notices.local_id order by loads.known_at desc, notices.feed, notices.row_no desc
) = 1

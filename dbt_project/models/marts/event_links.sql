-- What was understood afterwards of events, as it was understood: nothing is written over.
select
  links.kind, case links.kind when 'merge' then 'n’en font qu’un' else 'tenus pour distincts' end as kind_fr,
  links.event_id, links.other_id, links.reason_fr, stories.title,
  coalesce(cast(stories.published_at as date), {{ local_day('stories.first_seen_at') }}) as told_on, stories.origin,
  md5(concat_ws('|', 'link', links.kind, links.event_id, links.other_id, links.link_rank)) as receipt_id,
  [stories.row_id] as inputs
from {{ ref('int_report_links') }} as links
inner join {{ ref('int_stories') }} as stories on links.article_id = stories.article_id

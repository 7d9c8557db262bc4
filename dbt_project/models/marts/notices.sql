-- What publishers announced, and which of the sector's keywords each notice holds, in its title or its subject.
-- A keyword marks a candidate for review, never a fact of the register.
with searched as (
  select feed, load_id, row_no, {{ plain_words("concat_ws(' ', title, subject)") }} as words
  from {{ ref('int_notices') }}
),

found as (
  select searched.feed, searched.load_id, searched.row_no, list_sort(list_distinct(list(keywords.keyword))) as matches
  from searched
  inner join {{ ref('int_keywords') }} as keywords on contains(searched.words, keywords.words)
  group by searched.feed, searched.load_id, searched.row_no
)

select
  md5(concat_ws('|', notices.jurisdiction, notices.local_id)) as notice_id,
  notices.kind,
  case notices.kind
    when 'legal_text' then 'texte officiel'
    when 'dataset' then 'jeu de données'
    when 'offer' then 'offre d''emploi'
    else notices.kind
  end as kind_fr,
  notices.jurisdiction, coalesce(markets.label_fr, notices.jurisdiction) as jurisdiction_fr,
  notices.local_id, notices.title, notices.published_at, notices.effective_at, notices.status, notices.issuer,
  case when regexp_matches(notices.link, '^https?://[^\s"<>]+$') then notices.link end as link,
  notices.lang,
  coalesce(found.matches, []::varchar[]) as matches,
  found.matches is not null as is_relevant,
  notices.origin, notices.known_at, notices.feed, notices.load_id, notices.place,
  {{ row_id('notices.feed', 'notices.load_id', 'notices.row_no') }} as receipt_id
from {{ ref('int_notices') }} as notices
left join found
  on notices.feed = found.feed and notices.load_id = found.load_id and notices.row_no = found.row_no
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = notices.jurisdiction

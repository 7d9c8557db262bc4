-- Legal texts that the register cites or that hold a keyword of the sector, as each delivery of each gazette gave them:
-- a delivery is a version, none replaces another.
with texts as (
  {{ union_of_feeds(var('notice_feeds'), notice_columns()) }}
),

known as (
  select
    texts.*, {{ legal_number('texts.title') }} as number, loads.origin, loads.document, loads.superseded_at,
    min(loads.known_at) over (partition by texts.feed, loads.root_id, texts.jurisdiction, texts.local_id) as known_at
  from texts
  inner join {{ ref('int_loads') }} as loads on texts.feed = loads.feed and texts.load_id = loads.load_id
  where texts.kind = 'legal_text'
)

select
  known.* exclude (superseded_at),
  {{ row_id('known.feed', 'known.load_id', 'known.row_no') }} as row_id,
  md5(concat_ws('|', known.jurisdiction, known.local_id)) as text_id,
  coalesce(known.jurisdiction || '|' || known.number, md5(concat_ws('|', known.jurisdiction, known.local_id))) as text_key,
  row_number() over (partition by known.feed, known.jurisdiction, known.local_id order by known.known_at desc, known.row_no desc) as from_last
from known
where known.superseded_at is null and {{ visible_from('known.published_at', 'known.known_at') }} <= {{ as_of() }}
  and (
    exists (select 1 from {{ ref('int_keywords') }} as keywords where contains({{ plain_words("concat_ws(' ', known.title, known.subject)") }}, keywords.words))
    or exists (
      select 1 from {{ ref('int_regulations') }} as registered
      where registered.market = known.jurisdiction and {{ legal_number('registered.instrument') }} = known.number
    )
  )
order by text_id, known.known_at, known.feed, known.row_no

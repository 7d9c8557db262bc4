-- What changed in each text from one version to the next, article by article.
with texts as (
  select
    text_id, list_sort(list_distinct(list(row_id))) as inputs, arg_max(text_key, known_at) as text_key, arg_max(jurisdiction, known_at) as jurisdiction, arg_max(local_id, known_at) as local_id,
    arg_max(title, known_at) as title, max(known_at) as known_at,
    case when bool_or(origin = 'invented') then 'invented' when bool_or(origin = 'retyped') then 'retyped' else 'recorded' end as origin
  from {{ ref('int_legal_texts') }}
  where articles is not null
  group by text_id
)

select
  texts.text_key as text_id, texts.local_id, texts.jurisdiction, coalesce(markets.label_fr, texts.jurisdiction) as jurisdiction_fr,
  texts.title, changed.article, changed.kind as change,
  case changed.kind when 'added' then 'ajouté' when 'removed' then 'supprimé' else 'modifié' end as change_fr,
  changed.before as before_excerpt, changed.after as after_excerpt, changed.kept_share, changed.before_on, changed.after_on,
  changed.by as amended_by, texts.origin, texts.known_at,
  md5(concat_ws('|', 'legal_change', changed.text_id, changed.rank)) as receipt_id,
  texts.inputs
from {{ ref('int_article_changes') }} as changed
inner join texts on changed.text_id = texts.text_id
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = texts.jurisdiction

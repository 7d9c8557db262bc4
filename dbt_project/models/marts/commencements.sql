-- From when each text binds, as each source says it, and whether the sources agree. A day that nobody gives is unknown.
with dates as (
  select
    dates.*,
    count(distinct day) filter (where precision = 'day') over line as n_days,
    count(distinct source) filter (where day is not null) over line as n_sources,
    string_agg(
      case when precision = 'day' then {{ legal_source('source') }} || ' dit ' || strftime(day, '%d/%m/%Y') end, ' ; ' order by source, day
    ) over line as said,
    -- what one source says of a text is read beside all that the others say of it
    list_sort(list(distinct row_id) over (partition by text_key)) as inputs
  from {{ ref('int_legal_dates') }} as dates
  window line as (partition by text_key, scope, kind)
)

select
  dates.text_key as text_id, dates.event_id, dates.local_id, dates.jurisdiction,
  coalesce(markets.label_fr, dates.jurisdiction) as jurisdiction_fr, dates.title,
  dates.kind, case dates.kind when 'commencement' then 'entrée en vigueur' when 'end' then 'fin' else 'délai d''adaptation' end as kind_fr,
  case when dates.scope = 'text' then 'texte entier' else dates.wording end as scope_fr,
  dates.source, {{ legal_source('dates.source') }} as source_fr,
  dates.day, dates.precision, dates.basis, coalesce(bases.label_fr, dates.basis) as basis_fr, dates.confidence, dates.quote,
  case
    when dates.day is null then 'inconnu'
    when dates.n_days > 1 and dates.precision = 'day' then 'contredit'
    when dates.n_sources > 1 then 'concordant'
    else 'seule source'
  end as agreement,
  case when dates.n_days > 1 then dates.said end as contradiction_fr,
  dates.origin, dates.published_at, dates.known_at, dates.feed, dates.load_id, dates.place,
  md5(concat_ws('|', 'commencement', dates.row_id, dates.kind, dates.source, dates.wording, dates.day, dates.basis)) as receipt_id,
  dates.inputs
from dates
left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = dates.jurisdiction
left join {{ ref('codes') }} as bases on bases.list = 'legal_basis' and bases.code = dates.basis
qualify row_number() over (partition by dates.row_id, dates.kind, dates.source, dates.wording, dates.day, dates.basis order by dates.quote) = 1

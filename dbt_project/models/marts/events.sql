-- What happened to sites and is accepted in the register, and what the press reports and nobody has reviewed yet.
with accepted as (
  select
    site_id as event_id, 'accepté' as review, scope as kind, scope_fr as kind_fr,
    operator as title, operator, ref_area, city_name as place_name,
    jobs_planned::double as jobs, as_of as happened_on,
    source, source_url, origin, known_at, 'operator_sites' as feed, load_id, place, receipt_id
  from {{ ref('sites') }}
  where is_event
),

candidates as (
  select
    md5(coalesce(link, title)) as event_id, 'candidat' as review, 'article' as kind, 'article de presse' as kind_fr,
    title, null::varchar as operator, null::varchar as ref_area, null::varchar as place_name,
    null::double as jobs, cast(published_at as date) as happened_on,
    outlet as source, link as source_url, origin, known_at, feed, load_id, place, {{ row_id('feed') }}
  from {{ ref('int_articles') }}
)

select * from accepted
union all
select * from candidates

-- What is said of the sector, by whom, when and at what scope. Claims that contradict each other stand side by side;
-- one that somebody contests says so and stays. What the observatory infers is a column of its own, read by no model.
with contradicted as (
  select one.claim_id, count(*) as contradictions, list(other.claim_id) as others
  from {{ ref('int_claim_scopes') }} as one
  inner join {{ ref('int_claim_scopes') }} as other
    on one.scope_id = other.scope_id and one.claim_id <> other.claim_id
    and (one.least > other.greatest or one.greatest < other.least)
  group by one.claim_id
),

contested as (
  select
    claims.claim_id,
    count(*) as objections,
    string_agg(
      'contesté par ' || objections.made_by || ' le ' || {{ fr_date(local_day('objections.made_at')) }}
        || ' : ' || objections.reason || ' (source : ' || objections.source_url || ')',
      ' ; ' order by objections.made_at, objections.objection
    ) as contested_fr
  from {{ ref('int_claims') }} as claims
  inner join {{ ref('int_objections') }} as objections on objections.claim in (claims.claim, claims.claim_id)
  group by claims.claim_id
)

select
  claims.claim_id,
  claims.subject,
  coalesce(subjects.label_fr, claims.subject) as subject_fr,
  claims.methodology as scope,
  case claims.methodology when '_Z' then 'périmètre non dit' else coalesce(scopes.label_fr, claims.methodology) end
    || case when claims.segment = '_T' then '' else ', ' || coalesce(segments.label_fr, claims.segment) end as scope_fr,
  claims.ref_area, claims.freq, claims.period,
  {{ fr_period('claims.period', 'claims.freq') }} as period_fr,
  claims.value, claims.lower, claims.upper, claims.unit,
  coalesce(
    {{ fr_date('claims.stated_on') }},
    {{ fr_reading('claims.value', 'claims.lower', 'claims.upper', "case claims.unit when 'PT' then 'RATIO' else claims.unit end") }}
      || case claims.nature when 'at_stake' then ' en jeu' else '' end,
    'sans chiffre'
  ) as value_text,
  claims.wording as qualifier,
  claims.source as who,
  claims.source_name as who_fr,
  claims.source_url,
  cast(claims.published_at as date) as said_on,
  {{ fr_date('cast(claims.published_at as date)') }} as said_on_fr,
  claims.class,
  coalesce(contradicted.contradictions, 0) as contradictions,
  claims.origin, claims.known_at, claims.feed, claims.load_id, claims.place,
  claims.claim,
  claims.observation_id,
  claims.segment,
  claims.scope_id,
  claims.nature,
  natures.label_fr as nature_fr,
  claims.method,
  methods.label_fr as method_fr,
  claims.inference,
  coalesce(contested.objections, 0) as objections,
  contested.contested_fr,
  md5('claims|' || claims.claim_id) as receipt_id,
  list_sort(list_append(coalesce(contradicted.others, []), claims.claim_id)) as inputs
from {{ ref('int_claim_scopes') }} as claims
left join contradicted on claims.claim_id = contradicted.claim_id
left join contested on claims.claim_id = contested.claim_id
left join {{ ref('codes') }} as subjects on subjects.list = 'subject' and subjects.code = claims.subject
left join {{ ref('codes') }} as scopes on scopes.list = 'methodology' and scopes.code = claims.methodology
left join {{ ref('codes') }} as segments on segments.list = 'breakdown' and segments.code = claims.segment
left join {{ ref('codes') }} as natures on natures.list = 'nature' and natures.code = claims.nature
left join {{ ref('codes') }} as methods on methods.list = 'method' and methods.code = claims.method

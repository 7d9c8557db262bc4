-- A comparison holds claims of one subject, perimeter, segment, place, unit, frequency and period; none holds a claim
-- whose perimeter is not said; and every claim at that scope is in it.
with members as (
  select contradictions.scope_id, contradictions.claims, unnest(contradictions.claim_ids) as claim_id
  from {{ ref('contradictions') }} as contradictions
)

select members.scope_id
from members
inner join {{ ref('claims') }} as claims on members.claim_id = claims.claim_id
inner join {{ ref('contradictions') }} as compared on members.scope_id = compared.scope_id
group by members.scope_id, compared.claims
having count(distinct concat_ws('|', claims.subject, claims.scope, claims.segment, claims.ref_area, claims.unit, claims.freq, claims.period)) > 1
  or bool_or(claims.scope = '_Z') or count(*) <> compared.claims

-- A figure that is both in the register of claims and in a series has one value, whichever register was typed last.
select claims.claim_id, claims.value, observations.obs_value
from {{ ref('claims') }} as claims
inner join {{ ref('observations') }} as observations on claims.observation_id = observations.observation_id
where round(claims.value, observations.decimals) is distinct from round(observations.obs_value, observations.decimals)
  or claims.lower is distinct from observations.lower or claims.upper is distinct from observations.upper

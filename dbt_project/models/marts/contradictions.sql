-- Where several sources speak of one thing: how far apart they are, as the ratio of the greatest to the least. « plus
-- de » has no upper end, so that a ratio may itself be an interval, closed or not.
with compared as (
  select
    scope_id,
    any_value(subject) as subject, any_value(methodology) as scope, any_value(segment) as segment,
    any_value(ref_area) as ref_area, any_value(freq) as freq, any_value(period) as period, any_value(unit) as unit,
    count(*) as claims,
    max(least) / nullif(min(greatest), 0) as closest,
    max(greatest) / nullif(min(least), 0) as farthest,
    bool_and(least = greatest) as are_points,
    arg_min(claim_id, struct_pack(l := least, i := claim_id)) as least_id,
    arg_max(claim_id, struct_pack(l := least, i := claim_id)) as greatest_id,
    list_sort(list(claim_id)) as claim_ids,
    string_agg(distinct claim_id, ', ' order by claim_id) filter (where claim is not null) as named
  from {{ ref('int_claim_scopes') }}
  where scope_id is not null
  group by scope_id
  having count(distinct source) > 1
),

worded as (
  select
    compared.*,
    lowest.subject_fr, lowest.scope_fr, lowest.period_fr,
    lowest.value_text as least_text, lowest.who_fr as least_who,
    highest.value_text as greatest_text, highest.who_fr as greatest_who,
    compared.closest > 1 as is_contradictory,
    case when are_points then farthest end as spread_ratio,
    greatest(1::double, coalesce(closest, 1)) as spread_lower,
    case when isfinite(farthest) then farthest end as spread_upper
  from compared
  inner join {{ ref('claims') }} as lowest on compared.least_id = lowest.claim_id
  inner join {{ ref('claims') }} as highest on compared.greatest_id = highest.claim_id
)

select
  scope_id, subject, subject_fr, scope, scope_fr, segment, ref_area, freq, period, period_fr, unit,
  claims, claim_ids, is_contradictory, least_text, least_who, greatest_text, greatest_who,
  spread_ratio, spread_lower, spread_upper,
  case
    when not is_contradictory then 'compatibles'
    when spread_ratio is not null then 'de 1 à ' || {{ fr_number('spread_ratio', 1) }}
    when spread_upper is not null then 'de 1 à ' || {{ fr_number('spread_lower', 1) }} || ' au moins, à ' || {{ fr_number('spread_upper', 1) }} || ' au plus'
    else 'de 1 à ' || {{ fr_number('spread_lower', 1) }} || ' au moins'
  end as spread_text,
  upper(subject_fr[1]) || subject_fr[2:] || ', ' || scope_fr || ', ' || period_fr || chr(8239) || ': ' || claims || ' énoncés, de « '
    || least_text || ' » (' || least_who || ') à « ' || greatest_text || ' » (' || greatest_who || ').' as sentence,
  md5('contradictions|' || scope_id) as receipt_id,
  claim_ids as inputs
from worded

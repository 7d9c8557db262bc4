-- Claims that speak of one thing: same subject, perimeter, segment, place, unit, kind of period and period. Where the
-- perimeter is not said ('_Z'), nothing is at equal scope, not even two figures that sound alike.
select
  *,
  case when methodology <> '_Z' and unit <> 'DATE' then
    md5(concat_ws('|', subject, methodology, segment, ref_area, unit, freq, period))
  end as scope_id,
  coalesce(lower, value) as least,
  coalesce(upper, value, 'Infinity'::double) as greatest
from {{ ref('int_claims') }}

-- The rules of the sector file; a rule that watches a level falling is the same rule with every sign turned.
select
  rule, title, version as rule_version, indicator, ref_area, breakdown, methodology, scenario, freq, unit, direction,
  amber_on, amber_off, red_on, red_off, applies_from, for_periods, keep_periods, waits_for_final,
  inhibited_by,
  threshold_owner, threshold_basis, threshold_set_on,
  case direction when 'above' then 1 else -1 end as turn
from {{ source('sector', 'alert_rules') }}

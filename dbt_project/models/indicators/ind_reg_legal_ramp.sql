-- How far the effect of a followed text is thought to have come; the interval runs from the law's own step to the line.
with {{ legal_ramps() }}

{{ reading('reg_legal_ramp', 'RATIO', value='ramp', lower='least(ramp, step)', upper='greatest(ramp, step)',
  class="'modelled'", ref_area='market', breakdown='event_id', period='day', methodology="'_Z'",
  obs_status="case when day > vintage then 'F' else 'E' end", conf_status="'F'", inputs='[row_id]') }}
from ramps

-- What each number is made of, down to the place in the document.
{{ config(
  materialized='incremental', incremental_strategy='append', on_schema_change='fail',
  pre_hook="{% if is_incremental() %}delete from {{ this }} where receipt_id not in (
    select receipt_id from {{ ref('indicator_history') }} where known_from < {{ since() }}
  ){% endif %}"
) }}
with listed as (
  select history.receipt_id, unnest(readings.inputs) as input_id
  from {{ ref('indicator_history') }} as history
  inner join {{ ref('indicator_vintages') }} as readings
    on history.known_from = readings.vintage
    and history.indicator = readings.indicator and history.ref_area = readings.ref_area
    and history.breakdown = readings.breakdown and history.scenario = readings.scenario
    and history.freq = readings.freq and history.period = readings.period
    and history.methodology = readings.methodology
)

select listed.receipt_id, inputs.*
from listed
inner join {{ ref('int_inputs') }} as inputs on listed.input_id = inputs.input_id

-- Every figure that every feed ever stated, as its documents landed it: appended to, never rewritten.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
with incoming as (
  select feed, load_id from {{ ref('int_loads') }} where is_new and status = 'landed'
),

stated as (
  {{ union_of_feeds(var('observation_feeds'), observation_columns(), loads='incoming') }}
)

select
  stated.*,
  md5(concat_ws('|', {{ series_key() | join(', ') }})) as series_id,
  {{ row_id('stated.feed', 'stated.load_id', 'stated.row_no') }} as observation_id
from stated

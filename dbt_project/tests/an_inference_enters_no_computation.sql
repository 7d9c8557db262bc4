-- What is computed rests on rows of series, sites, texts, loads and targets: no input is a claim, and none an inference.
select receipt_id, input_id, feed
from {{ ref('indicator_inputs') }}
where feed in ('claims', 'data_requests') and input_id <> feed || '/' || load_id

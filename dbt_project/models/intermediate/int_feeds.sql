-- Every declared feed, whether it ever landed anything or not.
select feed, publisher, title, address, licence, rhythm_days, lag_low_days, lag_high_days, produces, is_snapshot, is_register, is_confidential
from {{ source('lake', 'feeds') }}

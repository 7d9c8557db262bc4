-- What each draw multiplies each weight of the vulnerability index by, how it normalises and how it puts pillars together.
select
  *,
  ['goalposts', 'minmax', 'zscore'][1 + draw % 3] as normalisation,
  draw // 3 % 2 = 1 as is_arithmetic
from {{ ref('rank_draws') }}

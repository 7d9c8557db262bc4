-- Between what and what the work that laws reach lies, by place, where only sums are known; `conflict` names the sums that
-- cannot hold together.
select * from {{ ref('exposure_bounds_by_vintage') }}

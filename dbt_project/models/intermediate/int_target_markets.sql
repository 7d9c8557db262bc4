-- The markets that the sector's diversification aims at.
select ref_area as market, group_fr from {{ source('sector', 'target_markets') }}

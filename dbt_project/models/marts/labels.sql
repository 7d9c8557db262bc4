-- The French of the codes that published tables hold: lists of codes, and the places of the sector.
select list, code, label_fr from {{ ref('codes') }}
union all
select 'area', ref_area, name_fr from {{ ref('int_places') }}
where ref_area not in (select code from {{ ref('codes') }} where list = 'area')
union all
select 'scenario', scenario, label_fr from {{ ref('int_scenarios') }}
union all
select 'breakdown', 'LESS_' || scenario, 'écart avec le scénario « ' || label_fr || ' »' from {{ ref('int_scenarios') }}

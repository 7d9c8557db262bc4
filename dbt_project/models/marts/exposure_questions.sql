-- The next figures to obtain, the three best by place: what each would leave of the interval, whatever it answers and on
-- average over its possible answers.
with places as (
  select ref_area, name_fr from {{ ref('int_places') }} where level in ('country', 'city')
),

-- a city of which nothing is known is asked about as any such city
named as (
  select figures.*, places.ref_area as place, places.name_fr, figures.ref_area = '_U' as is_unknown
  from {{ ref('int_exposure_figures') }} as figures
  inner join places
    on figures.ref_area = places.ref_area
    or (figures.ref_area = '_U' and places.ref_area <> 'MA' and places.ref_area not in (select ref_area from {{ ref('int_exposure_figures') }}))
  where figures.rank <= 3
),

worded as (
  select
    *,
    'emplois des centres d''appels'
      || case activity when 'outbound' then ' en appels sortants' when 'inbound' then ' hors appels sortants' else '' end
      || coalesce(' pour le marché « ' || markets.label_fr || ' »', case when market is not null then ' pour le marché ' || market else '' end)
      || case when city is null then ', au Maroc' else ', à ' || name_fr end as question_fr
  from named
  left join {{ ref('codes') }} as markets on markets.list = 'market' and markets.code = named.market
)

select
  worded.breakdown, coalesce(texts.label_fr, 'toutes les lois suivies') as law_fr, worded.place as ref_area, worded.name_fr as place_fr,
  worded.rank::integer as rank, worded.question_fr,
  round(worded.width_before, 6) as width_before, round(worded.width_at_most, 6) as width_at_most,
  round(worded.width_on_average, 6) as width_on_average,
  'Intervalle de ' || {{ fr_number('worded.width_before') }} || ' emplois aujourd''hui ; ' || {{ fr_number('worded.width_at_most') }}
    || ' dans le pire des cas une fois le chiffre connu, ' || {{ fr_number('worded.width_on_average') }} || ' en moyenne des réponses possibles'
    || case when worded.is_unknown then ' ; l''effectif de cette ville est inconnu' else '' end as sentence_fr,
  bounds.receipt_id
from worded
inner join {{ ref('exposure_bounds') }} as bounds on worded.breakdown = bounds.breakdown and worded.place = bounds.ref_area
left join {{ ref('int_legal_focus') }} as texts on worded.breakdown = texts.event_id

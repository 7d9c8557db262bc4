-- Texts that may come in the markets served: the chance of each, by its stage, times what that market weighs, times
-- how much outbound it asks for beside France. Chances and weights are assumptions; without a central one, bounds.
with texts as (
  select vintages.vintage, regulations.*
  from {{ ref('int_regulations') }} as regulations
  inner join {{ ref('int_vintages') }} as vintages
    on vintages.vintage >= regulations.known_from
    and (regulations.known_to is null or vintages.vintage < regulations.known_to)
  where regulations.market <> 'MA'
),

-- a market of its own first, any other market else
supposed as (
  select
    texts.vintage, texts.event_id, texts.origin, texts.published_at, texts.known_at,
    chances.mode * weights.mode * intensities.mode as pressure,
    chances.low * weights.low * intensities.low as least_pressure,
    chances.high * weights.high * intensities.high as greatest_pressure,
    list_filter(
      [texts.row_id, 'assumption:' || chances.assumption, 'assumption:' || weights.assumption, 'assumption:' || intensities.assumption],
      lambda name: name is not null
    ) as inputs
  from texts
  inner join {{ ref('int_assumptions') }} as chances
    on chances.parameter = 'stage_probability' and chances.applies_to = texts.stage
  left join {{ ref('int_assumptions') }} as weights
    on weights.parameter = 'market_share' and weights.applies_to in (texts.market, '_O')
  left join {{ ref('int_assumptions') }} as intensities
    on intensities.parameter = 'relative_intensity' and intensities.applies_to in (texts.market, '_O')
  qualify row_number() over (
    partition by texts.vintage, texts.event_id order by weights.applies_to = '_O', intensities.applies_to = '_O'
  ) = 1
),

measures as (
  select vintage, event_id as breakdown, * exclude (vintage, event_id) from supposed
  union all
  select
    vintage, '_T',
    case when bool_or(origin = 'invented') then 'invented' else max(origin) end, max(published_at), max(known_at),
    case when count(pressure) = count(*) then sum(pressure) end,
    case when count(least_pressure) = count(*) then sum(least_pressure) end,
    case when count(greatest_pressure) = count(*) then sum(greatest_pressure) end,
    list_sort(list_distinct(flatten(list(inputs))))
  from supposed
  group by vintage
)

{{ reading('reg_pipeline', 'INDEX', value='pressure', lower='least_pressure', upper='greatest_pressure',
  class="case when pressure is null then 'bounded' else 'modelled' end", ref_area="'MA'", breakdown='breakdown', freq="'D'",
  period="date_trunc('day', vintage)", methodology="'CRM'", obs_status="'E'", conf_status="'F'",
  missing_reason="case when least_pressure is null then 'not_collected' end") }}
from measures

-- The markets aimed at, each with its own law: a followed text and whether it binds, or a risk that is only supposed.
-- What each already weighs is told where somebody says it; unknown otherwise, never zero.
with weighed as (
  select targets.target, shares.share, shares.least, shares.greatest, shares.inputs
  from {{ ref('int_market_shares_by_vintage') }} as shares
  inner join {{ ref('int_target_markets') }} as markets on shares.market = markets.market
  inner join {{ ref('int_scenario_targets') }} as targets on markets.group_fr = targets.group_fr
  where shares.vintage = {{ as_of() }} and shares.segment = '_T' and shares.is_headline
  qualify row_number() over (partition by targets.target, shares.market order by shares.period desc, shares.freq) = 1
),

summed as (
  select target, sum(share) as share, list_sort(list_distinct(flatten(list(inputs)))) as inputs
  from weighed
  group by target
),

texts as (
  select * from {{ ref('int_regulations') }} where known_from <= {{ as_of() }} and (known_to is null or known_to > {{ as_of() }})
)

select
  targets.target, targets.group_fr, targets.law, texts.title_fr as law_title_fr, texts.in_force_on,
  case
    when targets.law is null then 'inconnu'
    when texts.event_id is null then 'inconnu'
    when texts.in_force_on <= {{ as_of() }}::date then 'interdit sans consentement'
    else 'le sera'
  end as outbound_law_fr,
  case
    when targets.law is null then 'aucun texte suivi : risque supposé de ' || {{ fr_number('100 * targets.risk_low') }} || ' à '
      || {{ fr_number('100 * targets.risk_high') }} || chr(8239) || '%'
    when texts.event_id is null then 'le registre ne tient pas ce texte'
    else texts.instrument || ', en vigueur le ' || {{ fr_date('texts.in_force_on') }}
  end as legal_risk_fr,
  targets.outbound_share, targets.risk_low, targets.risk_mode, targets.risk_high,
  summed.share as actual_share, targets.author, targets.stated_on, targets.source, targets.note,
  md5('diversification_targets|' || targets.target) as receipt_id,
  list_sort(['market:' || targets.target] || coalesce(summed.inputs, []) || case when texts.row_id is null then [] else [texts.row_id] end) as inputs
from {{ ref('int_scenario_targets') }} as targets
left join texts on targets.law = texts.event_id
left join summed on targets.target = summed.target

-- Where sites would best stand, from one to the most, by both methods: how often each city is chosen when the losses are
-- drawn, and what would turn the choice. A city whose loss is hidden or unknown weighs nothing, and the row says so.
with losses as (
  select scenario, ref_area, origin, missing_reason, receipt_id
  from {{ ref('indicator_values') }}
  where indicator = 'job_net_loss' and breakdown = '_T' and methodology = 'DECLARED'
),

named as (
  select
    choices.*, places.name_fr, places.capacity_fr, plans.scenario, plans.radius_km, plans.draws,
    (
      select string_agg(others.name_fr, ', ' order by others.name_fr)
      from {{ ref('int_siting_places') }} as others where list_contains(choices.flip_to, others.ref_area)
    ) as flip_names
  from {{ ref('siting_choices') }} as choices
  inner join {{ ref('int_siting_plans') }} as plans on choices.plan = plans.plan
  inner join {{ ref('int_siting_places') }} as places on choices.ref_area = places.ref_area
)

select
  named.plan, named.method,
  case named.method when 'p_median' then 'le moins de kilomètres' else 'le plus de pertes à portée' end as method_fr,
  named.sites, named.ref_area, named.name_fr, named.loss, named.is_host, named.capacity_fr, named.is_chosen,
  round(100 * named.selected_share, 1) as selected_pct,
  case
    when not named.is_chosen then null
    when named.selected_share >= 0.9 then 'solide'
    when named.selected_share >= 0.5 then 'probable'
    else 'choix de politique'
  end as strength_fr,
  case
    when named.flip_factor is null then null
    else 'perte × ' || {{ fr_number('named.flip_factor', 2) }} || ' : ' || named.flip_names
  end as flip_fr,
  named.score,
  case named.method
    when 'p_median' then {{ fr_number('named.score', 1) }} || chr(8239) || 'km par emploi perdu'
    else {{ fr_number('100 * named.score', 1) }} || chr(8239) || '% des pertes à moins de ' || {{ fr_number('named.radius_km', 0) }} || chr(8239) || 'km'
  end as score_fr,
  round(100 * named.same_choice_share, 1) as same_choice_pct,
  named.scenario, named.draws,
  -- a choice rests on the losses of all cities
  case
    when bool_or(losses.origin = 'invented') over whole then 'invented'
    when bool_or(losses.origin = 'retyped') over whole then 'retyped'
    else max(losses.origin) over whole
  end as origin,
  losses.missing_reason, losses.receipt_id
from named
left join losses on named.scenario = losses.scenario and named.ref_area = losses.ref_area
window whole as (partition by named.plan)

-- What each scenario supposes, parameter by parameter: who, when, on what basis.
select
  parameters.scenario, scenarios.label_fr as scenario_fr, scenarios.version, parameters.parameter,
  coalesce(codes.label_fr, parameters.parameter) as parameter_fr, parameters.subject,
  coalesce(targets.group_fr, parameters.subject, 'tous') as subject_fr,
  parameters.low, parameters.mode, parameters.high, parameters.basis, parameters.source as author, parameters.stated_on,
  scenarios.horizon as horizon_on,
  list_position([
    'coverage', 'enforcement', 'retention', 'elasticity', 'redeployment', 'closure', 'closes_at', 'diversification', 'adoption',
    'substitution', 'multiplier'
  ], parameters.parameter)::integer as rank,
  md5('scenario_assumptions|' || parameters.assumption) as receipt_id,
  ['scenario:' || parameters.assumption] || case when targets.target is null then [] else ['market:' || targets.target] end as inputs
from {{ ref('int_scenario_parameters') }} as parameters
inner join {{ ref('int_scenarios') }} as scenarios on parameters.scenario = scenarios.scenario
left join {{ ref('codes') }} as codes on codes.list = 'parameter' and codes.code = parameters.parameter
left join {{ ref('int_scenario_targets') }} as targets on parameters.subject = targets.target

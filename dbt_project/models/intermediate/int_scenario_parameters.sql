-- What each scenario supposes of each parameter: a choice of method, so that it holds at every vintage.
select * from {{ source('sector', 'scenario_parameters') }}

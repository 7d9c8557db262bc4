-- The months since the law, forecast from those before it.
select * from {{ ref('counterfactuals') }}

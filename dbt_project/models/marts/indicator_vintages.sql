-- Every indicator at every vintage. One line per indicator below: dbt reads its dependencies before it
-- knows the graph. Private: what rests on a confidential row still has its number here.
{% set models = [
  'ind_cog_training_coverage',
  'ind_cog_training_hours',
  'ind_cog_turnover',
  'ind_eco_client_top1_share',
  'ind_eco_export_growth',
  'ind_eco_export_revenue',
  'ind_eco_export_target_gap',
  'ind_eco_ict_export_usd',
  'ind_eco_language_hhi',
  'ind_eco_market_hhi',
  'ind_eco_market_top1_share',
  'ind_eco_operator_cr4',
  'ind_eco_segment_reclassification',
  'ind_eco_service_hhi',
  'ind_eco_service_theil',
  'ind_eco_value_per_job',
  'ind_feed_freshness',
  'ind_feed_timing',
  'ind_job_declared_headcount',
  'ind_job_gross_exposed',
  'ind_job_headcount',
  'ind_job_lost_observed',
  'ind_job_site_coverage',
  'ind_job_site_headcount',
  'ind_job_target_gap',
  'ind_rec_converted_jobs',
  'ind_rec_label_coverage',
  'ind_reg_days_to_effect',
  'ind_reg_legal_ramp',
  'ind_tec_adoption_rate',
  'ind_tec_ai_exposure',
  'ind_tec_ai_g4_share',
  'ind_tec_stack_hhi',
  'ind_tec_value_added_share',
] %}
{% for model in models %}
select * from {{ ref(model) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}

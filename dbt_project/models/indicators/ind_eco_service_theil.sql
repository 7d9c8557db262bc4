-- ln(n) + sum of p ln p, written on the values themselves; a segment of zero adds nothing.
{{ of_five_segments(
  'eco_service_theil', 'NATS',
  'ln(5::double) + ' ~ ratio('sum(case when value > 0 then value * ln(value) else 0 end)', 'sum(value)')
  ~ ' - ln(nullif(sum(value), 0))'
) }}

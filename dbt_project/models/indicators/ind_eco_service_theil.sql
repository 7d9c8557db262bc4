-- Written on the values themselves; a segment of zero adds nothing.
{{ of_five_segments('eco_service_theil', 'NATS', theil('value', 5)) }}

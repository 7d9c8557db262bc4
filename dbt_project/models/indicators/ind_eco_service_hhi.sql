-- Sum of squared shares; three other "HHI" circulate (normalised, square root): they would be other indicators.
{{ of_five_segments('eco_service_hhi', 'INDEX', herfindahl('value')) }}

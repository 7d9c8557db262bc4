-- The square-root form that the UN's economic vulnerability index uses, over the five segments: neither the simple
-- index nor the normalised one.
{{ of_five_segments(
  'eco_market_conc_unctad', 'INDEX',
  '(' ~ ratio('sqrt(sum(value * value))', 'sum(value)') ~ ' - sqrt(1.0::double / 5)) / (1 - sqrt(1.0::double / 5))'
) }}

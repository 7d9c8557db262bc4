-- The share is taken of the sum of the five segments, not of a total printed with fewer digits.
{{ of_five_segments(
  'tec_value_added_share', 'RATIO',
  ratio('sum(value) filter (where segment in (' ~ higher_value_segments() ~ '))', 'sum(value)')
) }}

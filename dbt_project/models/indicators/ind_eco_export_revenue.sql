-- The printed total stands; the sum of the five segments replaces it only where no total was printed.
with printed as (
  select vintage, ref_area, source, methodology, freq, period
  from {{ ref('int_exports') }}
  where segment = '_T'
),

exports as (
  select exports.* replace (case when exports.segment = '_S' then '_T' else exports.segment end as segment)
  from {{ ref('int_exports') }} as exports
  left join printed using (vintage, ref_area, source, methodology, freq, period)
  where exports.segment <> '_S' or printed.source is null
)

{{ reading('eco_export_revenue', 'MAD_BN', value='value',
  lower="case when class <> 'measured' then low end", upper="case when class <> 'measured' then high end",
  breakdown=breakdown('segment')) }}
from exports

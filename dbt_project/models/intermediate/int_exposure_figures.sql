-- The figures that could be asked for, and what each answer would leave of the bounds.
select * from {{ ref('exposure_figures') }}

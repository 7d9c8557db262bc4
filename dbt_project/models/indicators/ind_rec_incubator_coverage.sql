{{ no_reading('rec_incubator_coverage', 'RATIO') }}

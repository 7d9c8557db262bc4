{{ no_reading('res_reemployment', 'RATIO') }}

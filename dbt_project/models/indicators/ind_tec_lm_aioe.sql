{{ no_reading('tec_lm_aioe', 'INDEX') }}

{{ no_reading('cog_hybrid_supply', 'PER_1000') }}

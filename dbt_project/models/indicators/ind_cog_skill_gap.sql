{{ no_reading('cog_skill_gap', 'PCT') }}

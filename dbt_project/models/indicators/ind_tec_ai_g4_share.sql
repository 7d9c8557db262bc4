-- Part de l’emploi dans les professions du gradient 4 de l’OIT, les plus exposées à l’IA générative.
{{ declared_rate('tec_ai_g4_share', 'RATIO', 'ai_g4') }}

-- Départs sur douze mois, par personne employée en moyenne.
{{ declared_rate('cog_turnover', 'RATIO', 'turnover') }}

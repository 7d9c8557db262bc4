-- Indice de Herfindahl-Hirschman des heures travaillées par langue.
{{ declared_hhi('eco_language_hhi', 'language') }}

-- Score moyen d’exposition des tâches à l’IA générative (OIT 2025), pondéré par l’emploi de chaque profession CITP-08.
{{ declared_rate('tec_ai_exposure', 'INDEX', 'ai_exposure') }}

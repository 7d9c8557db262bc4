-- Heures de formation à la technologie et à l’IA sur douze mois, par personne employée.
{{ declared_rate('cog_training_hours', 'HOURS', 'training_hours') }}

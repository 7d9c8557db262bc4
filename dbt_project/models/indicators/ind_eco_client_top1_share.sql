-- Part des recettes venant du premier client de chaque groupe, moyenne pondérée par l’effectif.
{{ declared_rate('eco_client_top1_share', 'RATIO', 'client_top1') }}

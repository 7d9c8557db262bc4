-- Part de l’effectif dans des groupes qui portent le label Morocco Trusted AI Services.
{{ declared_rate('rec_label_coverage', 'RATIO', 'label') }}

-- Part des personnes employées qui ont suivi au moins une formation technologique en douze mois.
{{ declared_rate('cog_training_coverage', 'RATIO', 'training_coverage', lower=wilson('above', 'below', '-'), upper=wilson('above', 'below', '+')) }}

-- Personnes passées des appels sortants à une autre activité, en cumul, rapportées aux emplois exposés des mêmes groupes.
{{ declared_rate('rec_converted_jobs', 'RATIO', 'converted') }}

-- Indice de Herfindahl-Hirschman des postes par éditeur de plateforme de centre de contact.
{{ declared_hhi('tec_stack_hhi', 'stack') }}

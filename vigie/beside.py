"""The French of the published tables that are not marts, and the mart that each is drawn from."""

from collections.abc import Mapping

FRENCH: Mapping[str, Mapping[str, str]] = {
    "alerts": {
        "": "Les alertes : ce qui a dépassé un seuil, son état, ce que l'on en a fait.",
        "alert_id": "Alerte", "rule": "Règle du fichier de secteur", "rule_version": "Version de la règle",
        "entity": "Ce que la règle suit : lieu, ventilation, périmètre", "indicator": "Indicateur lu",
        "ref_area": "Lieu ou marché", "breakdown": "Ventilation : segment, texte, flux", "period": "Période jugée",
        "level": "Degré : orange, rouge", "state": "État : actif, résolu", "title": "Titre", "finding": "Constat",
        "threshold_text": "Seuils en clair", "threshold_owner": "Qui a fixé le seuil", "threshold_basis": "Sur quelle base",
        "caution": "Mise en garde", "quote": "Phrase à copier", "action": "Ce qu'il y a à faire",
        "due_on": "Jour où il faut l'avoir fait", "clears_when": "Ce qui lève l'alerte", "value": "Valeur jugée",
        "lower": "Borne basse", "upper": "Borne haute", "class": "Nature : measured, bounded, modelled, claimed, unknown",
        "opened_at": "Ouverte le (UTC)", "updated_at": "Changée le (UTC)", "closed_at": "Close le (UTC)",
        "data_known_at": "Date de connaissance des données (UTC)", "loads": "Chargements d'où vient la valeur",
        "receipt_id": "Reçu de la valeur", "certainty": "Certitude : certain, possible",
        "data_state": "État des données : connues, manquantes", "previous": "Ce qui était dit avant",
        "cause_fr": "Ce dont il s'agit", "acknowledged_by": "Qui l'a prise en charge", "hushed_by": "Ce qui la fait taire",
        "economic_note": "Lecture économique", "annotations": "Notes",
    },
    "channels": {
        "": "La santé de chaque canal d'envoi, sur trois mois ; les adresses sont masquées.",
        "channel": "Canal", "kind": "Nature du canal", "state": "État en clair", "last_success_at": "Dernière remise (UTC)",
        "delivered": "Remises faites", "waiting": "Remises en attente", "abandoned": "Remises abandonnées",
        "failing_since": "En échec depuis (UTC)", "last_error": "Dernière erreur",
    },
    "messages": {
        "": "Les messages des trois derniers mois, et la charge de chaque route.",
        "message_id": "Message", "thread_id": "Fil", "created_at": "Décidé le (UTC)", "kind": "Nature : alert, group…",
        "degree": "Degré", "rule": "Règle du fichier de secteur", "ref_area": "Lieu ou marché", "subject": "Objet",
        "route": "Route", "role": "Rôle qui reçoit", "channels": "Canaux", "state": "État en clair",
        "delivered_at": "Remis le (UTC)", "week_on": "Semaine, par son lundi",
        "messages_in_week": "Messages de la route cette semaine-là", "budget_per_week": "Messages que la route admet par semaine",
        "is_over_budget": "Au-dessus de ce que la route admet", "receipt_id": "Reçu de la valeur dont on parle",
    },
    "rule_replays": {
        "": "Ce que chaque règle aurait envoyé si elle avait veillé depuis son premier millésime.",
        "rule": "Règle du fichier de secteur", "moments": "Moments où ce que l'on savait a changé", "messages": "Messages",
        "months": "Mois", "messages_a_month": "Messages par mois", "first_at": "Premier moment (UTC)",
        "last_at": "Dernier moment (UTC)",
    },
    "table_sources": {
        "": "Les flux sur lesquels repose chaque table publiée ; leur éditeur et leur licence sont dans la table feeds.",
        "table_name": "Table publiée", "feed": "Flux",
    },
    "publication": {
        "": "La version publiée que l'on lit.",
        "version": "Version", "published_at": "Publiée le (UTC)", "mode": "Données : sample (échantillon) ou live (réelles)",
        "as_of": "Ce que l'observatoire savait à cette date (UTC)", "axis": "Axe de la question : known ou published",
        "inputs_hash": "Empreinte de tout ce dont elle est faite", "loads": "Chargements lus",
        "caused_by": "Ce qui l'a lancée", "journal_head": "Dernière ligne du journal des alertes qu'elle a vue",
    },
}  # fmt: skip
"""Table → column → what it is; the empty column is the table itself."""

DRAWN_FROM = {"alerts": "alert_evaluations", "messages": "alert_evaluations", "rule_replays": "alert_history"}
"""Those that speak of numbers, and the mart that these are in."""

"""What the terminal tells of an observatory: the names of the stages and the ten-line summary."""

from collections import Counter

import duckdb

from vigie import feed as feeds
from vigie import notify, quarantine
from vigie.clock import Run

STAGE_LABELS = {
    "collect": "collecte",
    "build": "construction",
    "watch": "veille",
    "publish": "publication",
    "notify": "envoi",
}


def lines(run: Run) -> list[str]:
    """The state of the observatory, one French line a subject."""
    loads = run.data.loads()
    landed = [load for load in loads if load.status == "landed"]
    fed = {load.feed for load in landed}
    status = Counter(load.status for load in loads)
    published = _published(run)
    kind = "réelles" if run.mode == "live" else "d'échantillon"
    nothing = "rien n'est encore publié"
    reached = ", ".join(notify.recipients())
    nobody = f"aucun : renseigner VIGIE_RECIPIENTS ; les messages sont dans {run.data.root / 'outbox'}"
    return [
        f"{'Flux':<14}{len(fed)} alimentés sur {len(feeds.names())}",
        f"{'Chargements':<14}{status['landed']} chargés, {status['refused']} refusés, {status['failed']} en panne",
        f"{'Lignes':<14}{sum(load.rows_landed for load in landed)} chargées",
        f"{'Quarantaine':<14}{sum(load.rows_quarantined for load in quarantine.open_loads(run.data))} lignes",
        f"{'Indicateurs':<14}{published.get('indicators', nothing)}",
        f"{'Alertes':<14}{published.get('alerts', nothing)}",
        f"{'Messages':<14}{notify.delivered(run.data)}",
        f"{'Destinataires':<14}{reached or nobody}",
        f"{'Publication':<14}{published.get('version', nothing)}, données {kind}",
    ]


def _published(run: Run) -> dict[str, str]:
    if not run.data.published.exists():
        return {}
    questions = {
        "indicators": "select count(distinct indicator) || ', ' || count(*) || ' valeurs' from indicator_values",
        "alerts": "select count(*) || ' active(s)' from alerts where state = 'actif'",
        "version": "select 'version ' || version from publication",
    }
    with duckdb.connect(str(run.data.published.resolve()), read_only=True) as connection:
        return {name: connection.execute(sql).fetchall()[0][0] for name, sql in questions.items()}

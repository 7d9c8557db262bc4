"""Moroccan economic press: the RSS feeds of eleven newspapers, and the page of each article they point to.

The text is kept for a while to find candidates for review; it is never published.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from vigie.feed import Column, Feed, Request, Row, invented, retyped
from vigie.readers import article, envelope, rss

NEWSPAPERS = {
    "Médias24": "https://medias24.com/feed",
    "Challenge": "https://challenge.ma/feed",
    "La Vie éco": "https://lavieeco.com/feed",
    "EcoActu": "https://ecoactu.ma/feed",
    "Le Desk": "https://ledesk.ma/feed",
    "Boursenews": "https://boursenews.ma/feed",
    "Aujourd'hui le Maroc": "https://aujourdhui.ma/feed",
    "TelQuel": "https://telquel.ma/feed",
    "Le360": "https://fr.le360.ma/economie/feed",
    "Hespress": "https://fr.hespress.com/economie/feed",
    "Le Matin": "https://lematin.ma/rss",
}


def _site(address: object) -> str:
    """The site of an address, by the last two names of its host (pages are served under `www` or not); '' if none."""
    try:
        host = urlsplit(str(address or "")).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.split(".")[-2:])


SITES = {_site(address): name for name, address in NEWSPAPERS.items()}


def requests(_: date) -> Iterator[Request]:
    """One question a newspaper."""
    return (Request(address) for address in NEWSPAPERS.values())


def read(content: bytes) -> Iterable[Row]:
    """An article page gives its article, anything else is read as a feed."""
    return [article.row(content)] if envelope.is_html(content) else _items(content)


def _items(content: bytes) -> Iterator[Row]:
    """The entries of a feed, each with the newspaper that its link leads to: feeds relay one another."""
    for row in rss.rows(content):
        site = _site(row.values["link"])
        yield Row(dict(row.values) | {"outlet": SITES.get(site) or site or None}, row.place)


def linked(content: bytes) -> Iterable[Request]:
    """The pages a feed points to; a page points to none that we follow."""
    if envelope.is_html(content):
        return ()
    return (Request(address) for address in rss.links(content))


REWRITTEN = "phrases réécrites par Vigie ; chiffres, dates et noms de la source"

ILLUSTRATED = [date(2025, 11, 10) + timedelta(weeks=week) for week in range(12)]
"""Days on which an invented feed was read: three fictitious newspapers, three fictitious operators."""
FICTION = "fil inventé par Vigie : journaux, opérateurs et faits fictifs, pour montrer un événement rapporté plusieurs fois"

feed = Feed(
    publisher="Presse économique marocaine (onze titres)",
    title="Presse économique marocaine : fils et articles",
    address=NEWSPAPERS["Médias24"],
    licence="sans licence de réutilisation : titre, lien, date, faits et la phrase qui les dit gardés et cités ; le texte, "
    "jamais publié, n'est gardé que 90 jours, le temps d'un trimestre, pour que les candidats soient relus",
    rhythm_days=1,
    lag_days=(0, 2),
    schedule="*/30 7-20 * * *",
    produces="articles",
    columns=(
        Column("kind", "text", "nature : rss_item (ligne du fil) ou page (article)"),
        Column("link", "text", "adresse de l'article"),
        Column("title", "text", "titre"),
        Column("body", "text", "texte ou résumé"),
        Column("author", "text", "auteur"),
        Column("outlet", "text", "journal"),
        Column("published_at", "timestamp", "date de parution"),
        Column("published_raw", "text", "date telle qu'imprimée"),
        Column("lang", "text", "langue déclarée"),
        Column("bozo", "text", "défaut de forme du fil, lu malgré lui"),
    ),
    read=read,
    requests=requests,
    follow=linked,
    keep_days=90,
    perishable=("body",),
    samples={
        "press_articles.2025-07-16.lopinion.html": retyped(
            by="L'Opinion, citant L'Économiste", on=date(2025, 7, 15), note=f"page du site Maghress ; {REWRITTEN}"
        ),
        "press_articles.2025-08-19.maghreb-emergent.html": retyped(
            by="Maghreb Émergent",
            address="https://maghrebemergent.news/fr/loi-francaise-anti-demarchage-des-milliers-demplois-menaces-au-maroc",
            on=date(2025, 8, 18),
            note=REWRITTEN,
        ),
        "press_articles.2025-10-21.fil.xml": retyped(
            by="Le360, RTL Info, Maghreb Émergent et RFI", on=date(2025, 10, 20), note=f"fil composé par Vigie ; {REWRITTEN}"
        ),
        "press_articles.2026-01-29.fil.xml": retyped(
            by="Le360", on=date(2026, 1, 28), note=f"fil composé par Vigie ; {REWRITTEN}"
        ),
        "press_articles.2026-01-29.le360.html": retyped(
            by="Le360",
            address="https://fr.le360.ma/economie/offshoring-le-maroc-devoile-une-offre-renouvelee-pour-accelerer-sa-montee-"
            "en-gamme-numerique_PTKKEWJEUNBF3AQNXQNYPKQJKQ/",
            on=date(2026, 1, 28),
            note=REWRITTEN,
        ),
        **{f"press_articles.{day}.illustration.xml": invented(FICTION) for day in ILLUSTRATED},
    },
)

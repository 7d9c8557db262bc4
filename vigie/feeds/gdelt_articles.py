"""What the world's press says of the sector, as GDELT sees it: one question a language.

GDELT says when it saw an article, not when the article was published, and gives 250 at most.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from vigie.feed import Column, DocumentError, Feed, Request, Row, invented
from vigie.readers import json_answer, rss

PUBLISHER = "GDELT"
SERVICE = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250
"""Articles that one answer may hold; older ones are left out without a word."""
QUESTIONS = (
    '("centre d\'appels" OR "centres d\'appels" OR offshoring OR outsourcing OR "démarchage téléphonique") '
    "(maroc OR marocain OR marocains) sourcelang:french",
    '("centros de llamadas" OR "call center" OR "atención al cliente" OR deslocalización) '
    "(marruecos OR marroquí) sourcelang:spanish",
    '("مراكز النداء" OR "مراكز الاتصال" OR "ترحيل الخدمات") المغرب sourcelang:arabic',
)
LANGUAGES = {"French": "fr", "Spanish": "es", "Arabic": "ar"}


def questions(_: date) -> Iterator[Request]:
    """The last month in each language, newest first."""
    for question in QUESTIONS:
        asked = {"query": question, "mode": "artlist", "format": "json", "timespan": "1month", "sort": "datedesc"}
        yield Request(f"{SERVICE}?{urlencode(asked | {'maxrecords': str(MOST)})}", empty_bodies=(b"{}", b'{"articles":[]}'))


def read(content: bytes) -> Iterator[Row]:
    """One row an article, and a row of the kind `truncated` when the answer is full."""
    answer = json_answer.parse(content, PUBLISHER)
    count = 0
    for article, place in json_answer.objects(answer, PUBLISHER, "articles"):
        count += 1
        language = article.get("language")
        yield Row(
            {
                "kind": "mention",
                "link": article.get("url"),
                "title": rss.plain(str(article.get("title") or "")),
                "outlet": article.get("domain"),
                "seen_at": article.get("seendate"),
                "seen_raw": article.get("seendate"),
                "lang": LANGUAGES.get(str(language), language),
                "source_country": article.get("sourcecountry"),
            },
            place,
        )
    if not count:
        raise DocumentError("GDELT ne rend aucun article (/articles) ; vérifier les mots de la question")
    if count >= MOST:
        yield Row({"kind": "truncated"}, "/articles")


NOTE = "articles inventés dans la vraie forme de la réponse ; les faits de droit et les cibles cités sont réels"

feed = Feed(
    publisher="GDELT Project",
    title="Articles de la presse du monde sur les centres d'appels et l'offshoring au Maroc",
    address=SERVICE,
    licence="libre de tout usage, à condition de citer le projet GDELT ; titres et liens seulement, le texte n'est pas demandé",
    rhythm_days=1,
    lag_days=(0, 2),
    schedule="25 * * * *",
    produces="articles",
    columns=(
        Column("kind", "text", "nature : mention (article vu) ou truncated (avertissement : la réponse est pleine)"),
        Column("link", "text", "adresse de l'article"),
        Column("title", "text", "titre"),
        Column("outlet", "text", "site du journal"),
        Column("seen_at", "timestamp", "moment où GDELT a vu l'article"),
        Column("seen_raw", "text", "moment où GDELT a vu l'article, tel qu'écrit"),
        Column("lang", "text", "langue : fr, es ou ar"),
        Column("source_country", "text", "pays du journal selon GDELT"),
    ),
    read=read,
    requests=questions,
    pace_seconds=6,
    samples={
        "gdelt_articles.2026-11-22.fr.json": invented(NOTE),
        "gdelt_articles.2026-11-22.es.json": invented(NOTE),
        "gdelt_articles.2026-11-22.ar.json": invented(NOTE),
    },
)

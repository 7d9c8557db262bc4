"""Unemployment, as the Haut-Commissariat au Plan publishes it: a note to detect, a workbook to drop.

The notes are pages and PDFs whose layout changes. Their arrival is seen in HCP's feed; their figures
come in a workbook of our own layout, one sheet a table:

    Taux de chômage par population                     (a title)
    Grandeur : taux de chômage                         (or: chômeurs)
    Définition : enquête nationale sur l'emploi        (or: recensement général de la population)
    Unité : %                                          (or: personnes)
    Date de publication : 2 mai 2025
    Population | T1 2024 | T1 2025                      (then a line a population or a region)

The census counts as unemployed many whom the survey does not: the two never share a series.
"""

import re
import unicodedata
from collections.abc import Iterator

from vigie.feed import Column, DocumentError, Feed, Request, Row, retyped
from vigie.readers import dates, envelope, rss, workbook

NEWS = "https://www.hcp.ma/xml/syndication.rss"
ABOUT_LABOUR = re.compile(r"march[ée] du travail|ch[ôo]mage|emploi|main[- ]d.?[œo]e?uvre", re.IGNORECASE)
MEASURES = {"taux de chomage": "unemployment_rate", "chomeurs": "unemployed"}
UNITS = {"%": "PC", "personnes": "PS"}
DEFINITIONS = {"enquete nationale sur l'emploi": "HCP_ENE", "recensement general de la population": "HCP_RGPH"}
POPULATIONS = {
    "ensemble": "_T", "urbain": "URBAN", "rural": "RURAL", "hommes": "MEN", "femmes": "WOMEN",
    "15-24 ans": "Y15T24", "25-34 ans": "Y25T34", "35-44 ans": "Y35T44", "45 ans et plus": "Y_GE45",
    "sans diplome": "NO_DIPLOMA", "diplomes": "GRADUATES",
}  # fmt: skip
REGIONS = {
    "tanger-tetouan-al hoceima": "MA-01", "l'oriental": "MA-02", "fes-meknes": "MA-03", "rabat-sale-kenitra": "MA-04",
    "beni mellal-khenifra": "MA-05", "casablanca-settat": "MA-06", "marrakech-safi": "MA-07", "draa-tafilalet": "MA-08",
    "souss-massa": "MA-09", "guelmim-oued noun": "MA-10", "laayoune-sakia el hamra": "MA-11", "dakhla-oued ed-dahab": "MA-12",
}  # fmt: skip
NOT_PUBLISHED = ("n.d.", "nd", "..", "-", "–")


def notes(content: bytes) -> Iterator[Request]:
    """The pages of HCP's feed that speak of labour; a page leads no further."""
    if envelope.is_html(content):
        return
    for item in rss.rows(content):
        link = str(item.values["link"] or "")
        if ABOUT_LABOUR.search(str(item.values["title"])) and link.startswith(("http://", "https://")):
            yield Request(link)


def read(content: bytes) -> Iterator[Row]:
    """One row per figure of the workbook; a label that we do not know stays as printed, for the door to hold."""
    _refuse_note(content)
    for table in workbook.tables(content, corner="Population"):
        measure, definition, unit = table.stated("Grandeur"), table.stated("Définition"), table.stated("Unité")
        published_on = dates.day(table.stated("Date de publication"))
        if published_on is None:
            raise DocumentError(
                f"feuille « {table.sheet} » : « {table.stated('Date de publication')} » n'est pas une date de publication ; "
                "écrire par exemple 2 mai 2025"
            )
        for figure in table.figures:
            is_missing = isinstance(figure.value, str) and figure.value.lower() in NOT_PUBLISHED
            region = REGIONS.get(_plain(figure.label))
            yield Row(
                {
                    "measure": _code(measure, MEASURES),
                    "definition": _code(definition, DEFINITIONS),
                    "population": "_T" if region else _code(figure.label, POPULATIONS),
                    "ref_area": region or "MA",
                    "freq": figure.period.freq,
                    "period": figure.period.start,
                    "period_label": figure.period_label,
                    "value": None if is_missing else figure.value,
                    "unit": _code(unit, UNITS),
                    "obs_status": "O" if is_missing else (figure.flag.upper() or "A"),
                    "decimals": figure.decimals,
                    "published_at": published_on,
                },
                figure.place,
            )


def _refuse_note(content: bytes) -> None:
    if envelope.is_html(content):
        title = envelope.TITLE.search(content[:65536].decode(errors="replace"))
        named = " ".join(rss.plain(title[1]).split()) if title else "sans titre"
        raise DocumentError(
            f"une note du HCP est parue (« {named} ») ; recopier ses chiffres dans le classeur prévu pour ce flux, "
            "puis déposer le classeur"
        )


def _plain(printed: str) -> str:
    """Lower case without accents, so that a label is known however it is typed."""
    text = unicodedata.normalize("NFKD", re.sub("[–—]", "-", printed.replace("’", "'"))).casefold()
    return " ".join("".join(letter for letter in text if not unicodedata.combining(letter)).split())


def _code(printed: str, codes: dict[str, str]) -> str:
    return codes.get(_plain(printed), printed)


feed = Feed(
    publisher="Haut-Commissariat au Plan",
    title="Chômage au Maroc : enquête sur l'emploi, recensement",
    address=NEWS,
    licence="chiffres publics, à citer avec leur source",
    rhythm_days=91,
    # the quarterly note follows its quarter by five weeks; the census of September 2024 came out in December
    lag_days=(25, 100),
    schedule="15 9 * * 1-5",
    produces="observations",
    columns=(
        Column("measure", "text", "grandeur : unemployment_rate (taux de chômage) ou unemployed (chômeurs)"),
        Column("definition", "text", "définition du chômage : HCP_ENE (enquête) ou HCP_RGPH (recensement)"),
        Column("population", "text", "population (code) ; _T ensemble"),
        Column("ref_area", "text", "territoire (code ISO 3166-2)"),
        Column("freq", "text", "fréquence : A année, Q trimestre, M mois"),
        Column("period", "date", "premier jour de la période"),
        Column("period_label", "text", "période telle qu'imprimée"),
        Column("value", "number", "taux ou nombre"),
        Column("unit", "text", "unité : PC pour cent, PS personnes"),
        Column("obs_status", "text", "état du chiffre : A définitif, P provisoire, E estimé, O non publié"),
        Column("decimals", "integer", "nombre de décimales imprimées"),
        Column("published_at", "timestamp", "date de publication imprimée en tête de feuille"),
    ),
    read=read,
    follow=notes,
    is_listing=True,
    samples={
        "hcp_labour.2026-10-12.xlsx": retyped(
            by="North Africa Post (enquête) et Yabiladi (recensement), citant le HCP",
            address="https://northafricapost.com/86733-morocco-creates-282000-jobs-as-employment-indicators-improve.html",
            note="saisi par Vigie en octobre 2026 d'après des articles de décembre 2024 et mai 2025 ; la feuille Notes donne "
            "l'article de chaque tableau ; deux régions n'y sont pas",
        ),
    },
)

"""Export revenue of offshoring, as the releases on the Office des changes' figures lay it out."""

import unicodedata
from collections.abc import Iterator
from datetime import date

from vigie.feed import Column, DocumentError, Feed, Row, retyped
from vigie.readers import dates, workbook

PERIMETERS = {"ancien perimetre": "OC_OLD", "nouveau perimetre": "OC_NEW"}
UNITS = {"milliards de dirhams": "MAD_BN", "millions de dirhams": "MAD_MN"}
SOURCES = {
    "office des changes": "OC",
    "ministere de l'industrie et du commerce": "MIC",
    "ministere de la transition numerique et de la reforme de l'administration": "MTNRA",
    "association marocaine de la relation client": "AMRC",
}
SEGMENTS = {
    "total": "_T",
    "relation client (crm)": "CRM",
    "services informatiques (ito)": "ITO",
    "ingenierie (eso)": "ESO",
    "processus metier (bpo)": "BPO",
    "services de connaissance (kpo)": "KPO",
    "centres d'appels et bpo prestataires": "CRM_BPO",
    "bpo captif": "BPO_CAPTIVE",
}
NOT_PUBLISHED = ("n.d.", "nd", "..", "-", "–")


def read(content: bytes) -> Iterator[Row]:
    """One row per figure; a label or a source we do not know stays as printed, for the door to hold."""
    for table in workbook.tables(content, corner="Segment"):
        perimeter = _perimeter(table)
        published_at = _published_at(table)
        source = table.stated("Source")
        unit = table.stated("Unité")
        for figure in table.figures:
            is_missing = isinstance(figure.value, str) and figure.value.lower() in NOT_PUBLISHED
            yield Row(
                {
                    "source": _code(source, SOURCES),
                    "perimeter": perimeter,
                    "segment": _code(figure.label, SEGMENTS),
                    "freq": figure.period.freq,
                    "period": figure.period.start,
                    "period_label": figure.period_label,
                    "value": None if is_missing else figure.value,
                    "unit": _code(unit, UNITS),
                    "obs_status": "O" if is_missing else (figure.flag.upper() or "A"),
                    "decimals": figure.decimals,
                    "published_at": published_at,
                },
                figure.place,
            )


def _plain(printed: str) -> str:
    """Lower case without accents, so that a label is known however it is typed."""
    text = unicodedata.normalize("NFKD", printed.replace("’", "'")).casefold()
    return " ".join("".join(letter for letter in text if not unicodedata.combining(letter)).split())


def _code(printed: str, codes: dict[str, str]) -> str:
    return codes.get(_plain(printed), printed)


def _perimeter(table: workbook.Table) -> str:
    for named, code in PERIMETERS.items():
        if named in _plain(table.title):
            return code
    raise DocumentError(
        f"feuille « {table.sheet} » : le titre ne dit pas s'il s'agit de l'ancien ou du nouveau périmètre ; "
        "l'écrire, car les deux séries ne se raccordent pas"
    )


def _published_at(table: workbook.Table) -> date:
    printed = table.stated("Date de publication")
    day = dates.day(printed)
    if day is None:
        raise DocumentError(
            f"feuille « {table.sheet} » : « {printed} » n'est pas une date de publication ; écrire par exemple 20 octobre 2025"
        )
    return day


LE360_OCTOBER = (
    "https://fr.le360.ma/economie/services-numeriques-et-outsourcing-le-maroc-met-le-turbo_OYGBHIVDJNAE7OQ3CFKJDC3574/"
)
LE360_JANUARY = (
    "https://fr.le360.ma/economie/"
    "offshoring-le-maroc-devoile-une-offre-renouvelee-pour-accelerer-sa-montee-en-gamme-numerique_PTKKEWJEUNBF3AQNXQNYPKQJKQ/"
)

feed = Feed(
    publisher="Office des changes",
    title="Recettes d'exportation de l'offshoring, par segment",
    address=None,
    licence="chiffres publics, à citer avec leur source",
    # first releases of a period came 62 (first half of 2016) to 184 days after its end; 2024 took longer,
    # when the perimeter changed
    rhythm_days=182,
    lag_days=(60, 190),
    schedule="0 7 * * 1-5",
    produces="observations",
    columns=(
        Column("source", "text", "organisme qui énonce le chiffre (code)"),
        Column("perimeter", "text", "périmètre statistique : OC_OLD (ancien) ou OC_NEW (nouveau)"),
        Column("segment", "text", "segment d'activité (code)"),
        Column("freq", "text", "fréquence : A année, S semestre, Q trimestre"),
        Column("period", "date", "premier jour de la période"),
        Column("period_label", "text", "période telle qu'imprimée"),
        Column("value", "number", "recettes d'exportation"),
        Column("unit", "text", "unité du tableau (code)"),
        Column("obs_status", "text", "état du chiffre : A définitif, P provisoire, E estimé, O non publié"),
        Column("decimals", "integer", "nombre de décimales imprimées"),
        Column("published_at", "timestamp", "date de publication imprimée en tête de feuille"),
    ),
    read=read,
    samples={
        "oc_exports.2024-05-31.xlsx": retyped(
            by="Libération, Le360, Aujourd'hui le Maroc, Finances News, Challenge et La Vie éco",
            address="https://m.libe.ma/Outsourcing-Un-chiffre-d-affaires-de-179-MMDH-au-cours-des-deux-dernieres-annees_a144985.html",
            on=date(2024, 5, 31),
            note="ancien périmètre ; la feuille Notes donne l'article de chaque tableau",
        ),
        "oc_exports.2025-03-31.xlsx": retyped(
            by="We Are Tech Africa, citant la base de référence de Digital Morocco 2030",
            address="https://wearetech.africa/en/fils-uk/news/tech/morocco-to-open-coding-school-in-fes-meknes-for-digital-skills-drive",
            on=date(2025, 3, 31),
            note="2022 y passe de 15,7 à 15,8 milliards de dirhams",
        ),
        "oc_exports.2025-10-20.xlsx": retyped(
            by="Le360, Hespress et L'Essentiel, citant l'Office des changes",
            address=LE360_OCTOBER,
            on=date(2025, 10, 20),
            note="nouveau périmètre, chiffres provisoires",
        ),
        "oc_exports.2026-01-28.xlsx": retyped(
            by="Le360, citant le ministère de la transition numérique",
            address=LE360_JANUARY,
            on=date(2026, 1, 28),
            note="total de 2024, provisoire",
        ),
    },
)

"""What travels with published rows wherever they go: whose they are, under which licence, and how to prove and read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

RECEIPTS = ("receipt_id", "receipt_ids", "observation_id")
"""The columns that name a row's receipt."""


@dataclass(frozen=True)
class Source:
    """A feed that rows rest on, as it declares itself."""

    feed: str
    title: str
    publisher: str
    address: str | None
    licence: str

    @property
    def sentence(self) -> str:
        where = f" — {self.address}" if self.address else ""
        return f"• {self.publisher}, {self.title} ({self.feed}) : {self.licence}{where}"


def publication(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The line that says which version is read."""
    cursor = connection.execute("select * from publication")
    names = [column[0] for column in cursor.description or []]
    return dict(zip(names, cursor.fetchall()[0], strict=True))


def sources(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> list[Source]:
    """The feeds that published tables rest on."""
    asked = """select distinct feeds.feed, title, publisher, address, licence from table_sources inner join feeds using (feed)
        where list_contains(?, table_name) order by feed"""
    return [Source(*line) for line in connection.execute(asked, [list(tables)]).fetchall()]


def notice(told: Mapping[str, Any], descriptions: Mapping[str, str], origins: Sequence[Source]) -> str:
    """The page that goes with exported tables, in French; `told` is the publication's line."""
    lines = ["Vigie, tables publiées", ""]
    lines += [f"{table} : {description}" for table, description in descriptions.items()]
    lines += ["", question(told["as_of"], told["axis"])]
    lines += [f"Version publiée : {told['version']}." if told["version"] else "Tables reconstruites pour cette date."]
    if told["mode"] == "sample":
        lines += [
            "Données d'échantillon : les lignes dont l'origine (origin) est « invented » sont illustratives, à ne pas citer."
        ]
    lines += ["", "LICENCES"]
    if origins:
        lines += [
            "Chaque ligne garde la licence de son éditeur : les colonnes publisher et licence la disent, ligne par ligne, là où",
            "une ligne repose sur des documents. Les tables reposent sur :", *[source.sentence for source in origins],
        ]  # fmt: skip
    else:
        lines += ["Rien de ces tables ne vient d'un éditeur : elles sont de l'observatoire."]
    lines += [
        "Ce que l'observatoire calcule se cite avec ses sources : « Vigie, d'après <éditeur>, données connues au <date> ».",
        "", "PROVENANCE",
        f"Les colonnes {', '.join(RECEIPTS)} nomment le reçu d'une ligne : vigie receipt --id <reçu> -o recu.html le",
        "donne, jusqu'aux octets du document ; vigie verify recu.html le vérifie.",
        "", "LECTURE",
        "Une valeur absente est vide, jamais zéro ; missing_reason dit pourquoi. Les heures sont en temps universel (UTC).",
        "Un texte qu'un tableur prendrait pour une formule est écrit derrière une apostrophe ; les nombres sont intacts.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def question(as_of: datetime, axis: str) -> str:
    """What the tables answer, in one sentence."""
    subject = "les éditeurs avaient publié" if axis == "published" else "l'observatoire savait"
    return f"Ce que {subject} au {as_of:%d/%m/%Y à %H:%M:%S} (UTC)."

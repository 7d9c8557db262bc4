"""The four charts of the note, each with how to read it and how it may mislead."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from vigie.bulletin.charts import Chart, Group, Row
from vigie.bulletin.content import Words, absent
from vigie.bulletin.figures import figure, spoken
from vigie.receipt_words import Ask, period_fr
from vigie.wording import number

FREQUENCIES = {"A": "par an", "S": "par semestre"}


def pictures(ask: Ask, told: Words) -> list[Chart]:
    return [_exports(ask, told), _exposure(ask, told), _scenarios(ask, told), _vulnerability(ask, told)]


def _exports(ask: Ask, told: Words) -> Chart:
    rows = ask(
        """select * from indicator_values
            where indicator = 'eco_export_revenue' and freq in ('A', 'S') and split_part(breakdown, '@', 1) = '_T'
            order by methodology, freq, period, breakdown"""
    )
    groups = []
    for (perimeter, freq), lines in groupby(rows, key=lambda row: (row["methodology"], row["freq"])):
        title = f"{_capital(told.word('methodology', perimeter))}, {FREQUENCIES[freq]}"
        groups.append(Group(title, [_export(line, told) for line in lines]))
    return Chart(
        "exportations", "Exportations du secteur, par périmètre", "MAD_BN",
        "Chaque barre part de zéro ; sa longueur est le montant, en milliards de dirhams. Les barres d'un même groupe se comparent.",
        "Deux périmètres ne se comparent pas : aucun taux de croissance ne les relie. Un semestre ne se compare qu'au même semestre.",
        groups, absent(ask, ["eco_export_revenue"]), is_bar=True,
    )  # fmt: skip


def _export(row: Mapping[str, Any], told: Words) -> Row:
    source = str(row["breakdown"]).partition("@")[2]
    label = period_fr(row["period"], row["freq"]) + (f", selon {told.word('source', source)}" if source else "")
    note = told.word("status", row["obs_status"]) if row["obs_status"] in ("P", "E", "B", "D") else ""
    return Row(label, figure(row, told.missing(row)), note)


def _exposure(ask: Ask, told: Words) -> Chart:
    country = ask(
        """select * from indicator_values where indicator = 'job_gross_exposed' and breakdown = '_T'
            order by ref_area <> 'MA', ref_area, period"""
    )
    bounds = ask("select *, 'PS' as unit from exposure_bounds where breakdown = '_T' and ref_area <> 'MA' order by place_fr")
    nation = [Row("Maroc", figure(line, told.missing(line))) for line in country if _is(line, "CRM") and line["ref_area"] == "MA"]
    cities = list(_bounded(bounds, told))
    declared = [
        Row(told.word("area", line["ref_area"]), figure(line, told.missing(line))) for line in country if _is(line, "DECLARED")
    ]
    groups = [Group("Centres d'appels du pays : bornes exactes", [*nation, *cities]), Group("Groupes déclarants", declared)]
    return Chart(
        "exposition", "Emplois exposés aux lois suivies, par ville", "PS",
        "Chaque bande va de la borne basse à la borne haute. Un losange ou un rond marque une valeur ; une bande seule n'a pas de milieu.",
        "Exposé ne veut pas dire perdu. Une bande aussi large que celle du pays dit que l'effectif de la ville n'est pas connu ; "
        "les deux groupes n'ont pas le même périmètre et ne s'additionnent pas.",
        [group for group in groups if group.rows], absent(ask, ["job_gross_exposed"]),
    )  # fmt: skip


def _bounded(lines: Sequence[Mapping[str, Any]], told: Words) -> Iterable[Row]:
    """Cities that only the country bounds say the same: they are one row, which names them."""
    alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for line in lines:
        key = (line["lower"], line["upper"], line["receipt_id"], line["why_fr"]) if line["why_fr"] else (line["place_fr"],)
        alike.setdefault(key, []).append(line)
    for same in sorted(alike.values(), key=len):
        first = figure(same[0], told.missing(same[0]))
        if len(same) == 1:
            yield Row(same[0]["place_fr"], first, same[0]["why_fr"] or "")
        else:
            yield Row(f"{len(same)} autres villes, chacune", first, f"{same[0]['why_fr']} ; " + ", ".join(line["place_fr"] for line in same))


def _is(line: Mapping[str, Any], perimeter: str) -> bool:
    return bool(line["methodology"] == perimeter)


def _scenarios(ask: Ask, told: Words) -> Chart:
    rows = ask(
        """select * from indicator_values
            where indicator = 'job_net_loss' and breakdown = '_T' and ref_area = 'MA' and scenario <> '_Z'
            order by methodology, scenario <> 'CENTRAL', scenario, period"""
    )
    titles = {"CRM": "Le pays, par hypothèses", "DECLARED": "Les groupes déclarants"}
    groups = [
        Group(titles.get(perimeter, told.word("methodology", perimeter)), [
            Row(told.word("scenario", line["scenario"]), figure(line, told.missing(line)), f"au {period_fr(line['period'], 'D')}")
            for line in lines
        ])
        for perimeter, lines in groupby(rows, key=lambda row: row["methodology"])
    ]  # fmt: skip
    return Chart(
        "scenarios", "Emplois perdus, nets, dans chaque scénario", "PS",
        "La bande va du quantile 5 % au quantile 95 % des tirages ; le losange est la médiane.",
        "Un scénario n'est pas une prévision : il dit ce qui suivrait de ses hypothèses. Les deux groupes ne s'additionnent pas, "
        "et la bande ne couvre que le doute sur les hypothèses, non l'erreur du modèle.",
        groups, absent(ask, ["job_net_loss"]),
    )  # fmt: skip


def _vulnerability(ask: Ask, told: Words) -> Chart:
    rows = ask("select *, 'INDEX' as unit from vulnerability order by tier nulls last, rank_median nulls last, name_fr")
    return Chart(
        "vulnerabilite", "Vulnérabilité des villes : indice et rangs possibles", "INDEX",
        "La bande est l'intervalle de l'indice (1 à 99) quand les poids et les données varient ; le tableau donne les rangs possibles. "
        "Une ville n'a pas un rang, elle en a plusieurs.",
        "Deux villes dont les bandes se recouvrent ne se classent pas. Une ville sous secret statistique n'est pas une ville à l'abri.",
        [Group("Villes des groupes déclarants", list(_cities(rows, told)))] if rows else [], absent(ask, ["ivt"]),
    )  # fmt: skip


def _cities(rows: Iterable[Mapping[str, Any]], told: Words) -> Iterable[Row]:
    for line in rows:
        note = line["rank_fr"] or "rang inconnu"
        if line["coverage_pct"] is not None and line["coverage_pct"] < 100:
            note += f" ; {number(line['coverage_pct'], 0)} % de l'indice connus"
        yield Row(line["name_fr"], figure(line, told.missing(line)), note)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bound(value: float | None, unit: str) -> str:
    """A bound in a table's cell."""
    return "sans objet" if value is None else spoken(value, unit)

"""README.md and CHANGELOG.md say what the repository holds.

Their lists are written from the code between two markers. Renew them with
`.venv/pipeline/bin/python -m tests.test_readme --write`.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from vigie import cli, sector, windows
from vigie import feed as feeds

ROOT = Path(__file__).resolve().parents[1]
RENEW = ".venv/pipeline/bin/python -m tests.test_readme --write"
INDICATORS = ROOT / "dbt_project/models/indicators"
RULE_UNITS = {
    "PCT": "%", "RATIO": "", "INDEX": "", "DAYS": "jours", "PS": "emplois", "PS_PER_YEAR": "emplois par an",
    "RHYTHM": "fois le rythme", "COUNT": "",
}  # fmt: skip
PRODUCES = {
    "observations": "observations",
    "register": "faits",
    "articles": "articles",
    "notices": "annonces",
    "returns": "déclarations",
}


def table(heads: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    assert lines, f"aucune ligne pour le tableau {heads}"
    cells = [heads, ("---",) * len(heads), *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ").strip() for cell in line) + " |" for line in cells
    )


def feeds_table() -> str:
    lines = []
    for name in feeds.names():
        feed = feeds.load(name)
        days = ", ".join(f"{feeds.collected_on(path):%Y-%m-%d}" for path in feeds.sample_documents(name))
        rhythm = f"{feed.rhythm_days} j"
        lines.append((f"`{name}`", feed.title, feed.publisher, PRODUCES[feed.produces], rhythm, days))
    return table(("Flux", "Ce que c'est", "Éditeur", "Donne", "Rythme", "Documents fournis (jour de collecte)"), lines)


def indicators_table() -> str:
    lines = []
    for path in sorted(INDICATORS.glob("ind_*.yml")):
        for model in YAML(typ="safe").load(path.read_text()).get("models", []):
            meta = model["config"]["meta"]
            fed = ", ".join(f"`{feed}`" for feed in meta["feeds"])
            if not fed:
                fed = f"rien encore : il faudrait {meta['needs']} ({meta['held_by']})" if "needs" in meta else "tous les flux"
            lines.append((f"`{model['name']}`", meta["label_fr"], meta["unit_fr"], meta["definition"], fed))
    return table(("Modèle", "Indicateur", "Unité", "Définition", "Nourri par"), lines)


def dashboards_table() -> str:
    seen = windows.read()
    lines = [
        (f"**{board.title}**", f"`{path}`", seen.charts[path].title)
        for _, board in sorted(seen.dashboards.items())
        for path in board.charts()
    ]
    return table(("Tableau de bord", "Fichier", "Graphique"), lines)


def rules_table() -> str:
    lines = []
    for rule in sector.load("morocco_offshoring").alert_rules:
        side = "au-dessus de" if rule.direction == "above" else "au-dessous de"
        levels = f"{side} {rule.amber_on:g} / {rule.red_on:g} {RULE_UNITS[rule.unit]}".strip().replace(".", ",")
        lines.append((f"`{rule.rule}`", rule.title, f"`{rule.indicator}`", levels, rule.threshold_owner))
    return table(("Règle", "Alerte", "Indicateur", "Orange / rouge", "Seuil fixé par"), lines)


def tables_contract() -> str:
    lines = [
        (f"`{name}`", ", ".join(f"`{column}` {kind.lower()}" for column, kind in columns.items()))
        for name, columns in sorted(windows.contracts().items())
    ]
    return table(("Table", "Colonnes"), lines)


def commands_contract() -> str:
    lines: list[tuple[str, ...]] = []

    def walk(parser: argparse.ArgumentParser) -> None:
        children = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        for verb in children and children[0].choices.values():
            walk(verb)
        if not children:
            given = [
                " ".join(action.option_strings) or f"{action.metavar}"
                for action in parser._actions
                if not isinstance(action, argparse._HelpAction)
            ]
            lines.append((f"`{parser.prog}`", ", ".join(f"`{word}`" for word in given), parser.description or ""))

    walk(cli._parser())
    return table(("Commande", "Arguments et options", "Ce qu'elle fait"), lines)


GENERATED: dict[str, tuple[str, Callable[[], str]]] = {
    "flux": ("README.md", feeds_table),
    "indicateurs": ("README.md", indicators_table),
    "tableaux de bord": ("README.md", dashboards_table),
    "règles": ("README.md", rules_table),
    "commandes": ("CHANGELOG.md", commands_contract),
    "tables publiées": ("CHANGELOG.md", tables_contract),
}


def split(text: str, name: str) -> tuple[str, str, str]:
    """What stands before, between and after the markers of a generated list."""
    start, end = f"<!-- {name} : écrit par tests/test_readme.py -->\n", f"<!-- fin : {name} -->"
    before, _, rest = text.partition(start)
    between, found, after = rest.partition(end)
    assert found, f"les repères « {name} » manquent"
    return before + start, between, end + after


@pytest.mark.parametrize("name", GENERATED)
def test_each_generated_list_says_what_the_repository_holds(name):
    file, written = GENERATED[name]
    _, between, _ = split((ROOT / file).read_text(), name)
    assert between == written() + "\n", f"{file}, « {name} » ne dit plus ce que contient le dépôt : {RENEW}"


def settings_of_the_code() -> set[str]:
    """Every VIGIE_… variable that a program or a configuration of the repository names."""
    folders = ("vigie", "docker", "dags", "dbt_project", "sectors")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = [path.read_text() for path in sources if path.suffix in (".py", ".yml", ".yaml", ".Dockerfile")]
    assert len(texts) > 20
    return {name for text in texts for name in re.findall(r"\bVIGIE_[A-Z_]+[A-Z]\b", text)}


def test_the_readme_lists_every_setting_and_no_other():
    told = re.findall(r"^\| `(VIGIE_[A-Z_]+)` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) == settings_of_the_code()


@pytest.mark.parametrize("path", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=lambda path: path.name)
def test_every_file_that_a_page_links_to_exists(path):
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", path.read_text()) if "://" not in link]
    missing = [link for link in links if link and not (path.parent / link).exists()]
    assert not missing
    if path.name == "README.md":
        assert {f"docs/{page.name}" for page in (ROOT / "docs").iterdir()} <= set(links)


def test_every_make_target_and_command_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    verbs = {words.split()[1] for words in re.findall(r"^\| `(vigie [a-z ]+)` \|", commands_contract(), flags=re.MULTILINE)}
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    texts = "\n".join(path.read_text() for path in pages)
    named = set(re.findall(r"\bmake ([a-z]+)\b", texts))
    called = set(re.findall(r"^(?:\$ )?vigie ([a-z]+)", texts, flags=re.MULTILINE)) | set(re.findall(r"`vigie ([a-z]+)", texts))
    assert {"run", "test"} <= named <= targets
    assert {"run", "check", "new"} <= called <= verbs


def write() -> None:
    """Renews every generated list in place."""
    for name, (file, written) in GENERATED.items():
        path = ROOT / file
        before, _, after = split(path.read_text(), name)
        path.write_text(before + written() + "\n" + after)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(f"usage : {RENEW}")
    write()

"""What the tools around the work cost, as ratios measured in one run.

1. `vigie build` against the same compiled SQL in one bare DuckDB process, on the same sources.
2. The scheduled chain, from a document dropped in the inbox to its publication and its message,
   against `vigie run` on the same document in the same state.

Everything happens in a temporary folder, which is removed; only ratios travel between machines.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FEED = "oc_exports"
READY = "La vigie veille"
"""What the launcher says once the first chain is done and it only serves."""
READY_SECONDS = 900
PORT = "18080"
CHAIN_SECONDS = 600
SETTLE_SECONDS = 30
SCHEMAS = ("staging", "intermediate", "indicators", "marts")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def vigie(*words: str | Path) -> float:
    """Runs one command in a process of its own; returns its wall time."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "vigie.cli", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"vigie {words[0]} a échoué :\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def compiled(manifest: Path) -> list[tuple[str, str]]:
    """The statements of a dbt build, in dependency order: models, then what tests ask."""
    nodes = {
        key: node for key, node in json.loads(manifest.read_text())["nodes"].items() if node["resource_type"] in ("model", "test")
    }
    order = TopologicalSorter({key: [k for k in node["depends_on"]["nodes"] if k in nodes] for key, node in nodes.items()})
    statements = []
    for key in order.static_order():
        node = nodes[key]
        if node["resource_type"] == "test":
            statements.append((key, f"select count(*) from ({node['compiled_code']})"))
        else:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            statements.append((key, f"create or replace {kind} {node['relation_name']} as {node['compiled_code']}"))
    return statements


def bare_build(warehouse: Path, statements: Path) -> None:
    """The whole of the bare process: open, then each statement in turn."""
    import duckdb

    with duckdb.connect(str(warehouse)) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        for key, statement in json.loads(statements.read_text()):
            try:
                connection.execute(statement).fetchall()
            except duckdb.Error as error:
                raise SystemExit(f"{key} : {error}") from error


def sources_only(warehouse: Path, target: Path, seeds: set[str]) -> None:
    """A copy of the warehouse that holds what dbt reads, seeds included, and none of its models."""
    import duckdb

    shutil.copyfile(warehouse, target)
    with duckdb.connect(str(target)) as connection:
        built = connection.execute(
            "select table_schema, table_name, table_type from information_schema.tables where list_contains($1, table_schema)",
            [SCHEMAS],
        ).fetchall()
        for schema, name, kind in built:
            if name not in seeds:
                connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {schema}.{name}")


def measure_build(folder: Path, repeats: int) -> tuple[list[float], list[float]]:
    """Wall times of `vigie build` and of the bare process, taken in turn so that both meet the same load."""
    data = folder / "build"
    say("[1/2] construction : collecte des échantillons…")
    vigie("collect", "--data", data)
    vigie("build", "--data", data)
    manifest, statements = data / "dbt/target/manifest.json", folder / "statements.json"
    statements.write_text(json.dumps(compiled(manifest)))
    seeds = {node["name"] for node in json.loads(manifest.read_text())["nodes"].values() if node["resource_type"] == "seed"}
    ours, bare = [], []
    for turn in range(1, repeats + 1):
        say(f"[1/2] construction : mesure {turn} sur {repeats}…")
        # without its stamp a build starts from nothing, as the bare process does
        (data / "build.json").unlink()
        ours.append(vigie("build", "--data", data))
        # dbt names relations after the file's stem
        copy = folder / f"bare-{turn}" / "warehouse.duckdb"
        copy.parent.mkdir()
        sources_only(data / "warehouse.duckdb", copy, seeds)
        start = time.perf_counter()
        subprocess.run([sys.executable, __file__, "--bare", copy, statements], check=True)
        bare.append(time.perf_counter() - start)
    return ours, bare


def revised(target: Path) -> Path:
    """A revision of a bundled release that sends a message: call centres no longer lose, so their alert is lifted."""
    from openpyxl import load_workbook

    book = load_workbook(ROOT / "vigie/feeds/samples" / f"{FEED}.2025-10-20.xlsx")
    sheet = book["Semestres"]
    (row,) = (cells for cells in sheet.iter_rows() if str(cells[0].value).startswith("Relation client"))
    row[2].value = 4.79
    book.save(target)
    return target


def publication(data: Path) -> str:
    link = data / "published.duckdb"
    return link.resolve().name if link.exists() else ""


def delivered(data: Path) -> set[str]:
    return {path.name for path in (data / "outbox").glob("*")}


def wait_until(happened, seconds: float, what: str) -> float:
    """The moment something happened; stops the benchmark when it does not."""
    limit = time.perf_counter() + seconds
    while time.perf_counter() < limit:
        if happened():
            return time.perf_counter()
        time.sleep(0.1)
    raise SystemExit(f"rien au bout de {seconds:.0f} s : {what}")


def drop(document: Path, data: Path) -> None:
    """Into the inbox under a hidden name first: it must never be read half copied."""
    folder = data / "inbox" / FEED
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{document.name}"
    shutil.copyfile(document, hidden)
    hidden.rename(folder / document.name)


@contextmanager
def served(data: Path, log: Path) -> Iterator[None]:
    """The real Airflow on a port of its own, stopped at the end; Superset takes no part in the chain."""
    environment = {**os.environ, "VIGIE_AIRFLOW_PORT": PORT}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "vigie.cli", "serve", "--no-superset", "--data", str(data)],
            cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_until(
                lambda: READY in log.read_text() or process.poll() is not None,
                READY_SECONDS, f"les serveurs n'ont pas fini de démarrer (voir {log})",
            )  # fmt: skip
            if process.poll() is not None:
                raise SystemExit(f"les serveurs se sont arrêtés :\n{log.read_text()[-3000:]}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def measure_chain(folder: Path) -> tuple[float, float, float]:
    """Seconds from the drop to the publication and to the end, scheduled; and those of `vigie run`."""
    document = revised(folder / "revised.xlsx")
    scheduled, direct = folder / "scheduled", folder / "direct"
    say("[2/2] chaîne : démarrage d'Airflow, première chaîne sur les échantillons…")
    with served(scheduled, folder / "serve.log"):
        time.sleep(SETTLE_SECONDS)
        before, sent = publication(scheduled), delivered(scheduled)
        say("[2/2] chaîne : document déposé, en attente de l'ordonnanceur…")
        start = time.perf_counter()
        drop(document, scheduled)
        published = wait_until(lambda: publication(scheduled) != before, CHAIN_SECONDS, "aucune publication") - start
        say(f"[2/2] chaîne : publié au bout de {published:.0f} s, en attente du message…")
        ended = wait_until(lambda: delivered(scheduled) != sent, CHAIN_SECONDS, "aucun message") - start
    say("[2/2] chaîne : le même document par vigie run…")
    vigie("run", "--data", direct)
    sent = delivered(direct)
    drop(document, direct)
    alone = vigie("run", "--data", direct)
    if delivered(direct) == sent:
        raise SystemExit("vigie run n'a envoyé aucun message pour ce document : la comparaison n'a pas de sens")
    return published, ended, alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="mesures de la construction (défaut : 3)")
    parser.add_argument("--build-only", action="store_true", help="sans les serveurs")
    parser.add_argument("--bare", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare_build(*options.bare)
        return
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        ours, bare = (statistics.median(times) for times in measure_build(folder, options.repeats))
        print(
            f"construction : vigie build prend {ours / bare:.1f} fois le temps du même SQL dans un seul DuckDB nu "
            f"({ours:.1f} s contre {bare:.1f} s, médianes de {options.repeats}).\n"
            "  C'est le prix de dbt : lire le projet, les contrats, les contrôles un à un. Il est presque fixe.",
            flush=True,
        )
        if options.build_only:
            return
        published, ended, direct = measure_chain(folder)
        print(
            f"chaîne : par l'ordonnanceur, du dépôt à la publication, {published / direct:.1f} fois vigie run "
            f"({published:.0f} s contre {direct:.0f} s) ; jusqu'au message, {ended / direct:.1f} fois ({ended:.0f} s).\n"
            "  C'est le prix de l'horloge : voir le dépôt, démarrer un programme par étape. Il est attente plus que calcul."
        )


if __name__ == "__main__":
    main()

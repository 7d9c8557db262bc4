"""Any published number → one file: what it says, its formula, its rows, their documents, and the place of each.

A receipt is made from the private warehouse and the kept bytes. It is JSON under stable keys, in the order in which
it is read, and carries all that `vigie.verify` needs besides the documents themselves.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any, Self

import duckdb

from vigie import build
from vigie.clock import Run
from vigie.evidence import Evidence
from vigie.feed import ROOT
from vigie.lake import to_json
from vigie.lineage import Lineage, Node
from vigie.rebuild import Bench, RebuildError, again
from vigie.receipt_words import said

FORMAT = "vigie-receipt/1"
READINGS = "indicator_history"
CONFIDENTIAL = "confidential:"
"""How the rows of a feed that nobody may see are named, all together."""
WITHHELD = "fait de déclarations confidentielles : les lignes ne sont ni montrées ni refaites ici"
KEY = ("ref_area", "breakdown", "scenario", "freq", "period", "methodology")
PROVEN = (
    *KEY, "indicator", "value", "lower", "upper", "class", "origin", "obs_status", "missing_reason", "unit",
    "published_at", "known_at",
)  # fmt: skip
SERIES = (
    "freq", "ref_area", "indicator", "activity", "occupation", "counterpart_area", "unit_measure", "adjustment",
    "segment", "size", "scenario", "source", "methodology", "period",
)  # fmt: skip
"""What tells one figure from another."""


class ReceiptError(Exception):
    """No receipt can be made; one French sentence says why and what to do."""


class Issuer:
    """Makes receipts from one built data folder; documents and ledger are read once for all of them."""

    def __init__(self, run: Run) -> None:
        lake = run.data
        built = build.stamp(lake)
        if built is None or not lake.warehouse.exists():
            raise ReceiptError(f"aucune construction complète dans {lake.root} : lancer vigie build, puis redemander le reçu")
        self.lake = lake
        self.built = built
        self._evidence = Evidence(lake)
        self.lineage = Lineage.read(build.House(lake.root).manifest)
        self._bench = Bench()
        try:
            self.warehouse = duckdb.connect(str(lake.warehouse), read_only=True)
        except duckdb.IOException:
            raise ReceiptError(f"l'entrepôt {lake.warehouse} est occupé par une construction : attendre sa fin") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.warehouse.close()

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of the warehouse, by column."""
        cursor = self.warehouse.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def marts(self) -> tuple[Node, ...]:
        """The marts whose sheet says `receipts: <column>`: each of their rows has a receipt of that name."""
        return self.lineage.receipted

    def of(self, receipt_id: str) -> dict[str, Any]:
        """The receipt of the published row of that name."""
        for mart in self.marts():
            found = self.ask(f"select * from {mart.relation} where {mart.meta['receipts']} = ?", [receipt_id])
            if found:
                return self.receipt(mart, found[0])
        raise ReceiptError(f"aucune valeur publiée n'a le reçu « {receipt_id} » : le recopier entier, de la colonne receipt_id")

    def receipt(self, mart: Node, row: Mapping[str, Any]) -> dict[str, Any]:
        """The receipt of one row of a published mart."""
        is_reading = mart.name == READINGS
        target = self.lineage.node(f"ind_{row['indicator']}") if is_reading else mart
        key = (
            {name: row[name] for name in KEY} | {"vintage": row["known_from"]}
            if is_reading
            else {mart.meta["receipts"]: row[mart.meta["receipts"]]}
        )
        expected = {name: row[name] for name in PROVEN} if is_reading else dict(row)
        names = self._names(mart, row)
        # what is made of confidential rows can be told, not shown
        is_withheld = is_reading and (row["missing_reason"] == "suppressed" or any(n.startswith(CONFIDENTIAL) for n in names))
        inputs = [] if is_withheld else self._inputs(self.lineage.chain(target.name).rows, names)
        written: dict[str, Any] = {
            "format": FORMAT,
            "receipt_id": row[mart.meta["receipts"]],
            "table": mart.name,
            **said(self.ask, mart.name, row),
            "row": dict(row),
            "asked": {
                "as_of": self.built["as_of"], "axis": self.built["axis"], "mode": self.lake.mode,
                "inputs_hash": self.built["inputs_hash"],
            },
            "code": _code(),
            "formula": self._catalogue(row) if is_reading else {"definition": mart.meta.get("description") or mart.name},
            "withheld": WITHHELD if is_withheld else None,
            "inputs": inputs,
            "documents": self._evidence.documents(inputs),
            "staging": self._staging(inputs),
        }  # fmt: skip
        if is_withheld:
            written["rebuild"] = None
        else:
            written["rebuild"] = self._rebuildable(target, key, expected, inputs)
        parsed: dict[str, Any] = json.loads(to_json_in_order(written))
        return parsed

    def _names(self, mart: Node, row: Mapping[str, Any]) -> list[str]:
        """The names of the rows that a row is made of: where its sheet says, else its own column, else itself."""
        if said_in := mart.meta.get("inputs"):
            same = " and ".join(f"{name} is not distinct from ?" for name in said_in["by"])
            relation = self.lineage.node(said_in["model"]).relation
            found = self.ask(
                f"select {said_in['column']} as name from {relation} where {same}", [row[name] for name in said_in["by"]]
            )
            return [line["name"] for line in found]
        return [row[mart.meta["receipts"]]] if "inputs" not in row else list(row["inputs"])

    def _inputs(self, models: Iterable[Node], names: Iterable[str]) -> list[dict[str, Any]]:
        """The rows of those names, as the models that the table reads hold them (two may hold one fact)."""
        wanted = sorted(set(names))
        found: dict[str, dict[str, Any]] = {}
        for node in models:
            assert node.stated
            open_rows = "conf_status = 'F'" if "conf_status" in self._columns(node.relation) else "true"
            lines = self.ask(
                f"select {node.stated.name} as input_name, {node.stated.feed} as input_feed, * from {node.relation}"
                f" where {node.stated.name} in (select unnest(?::varchar[])) and {open_rows}",
                [wanted],
            )
            for line in lines:
                name, feed = line.pop("input_name"), line.pop("input_feed")
                found[name] = self._evidence.of(node, name, feed, line)
                if node.stated.kind == "reading":
                    found[name]["receipt"] = self.receipt(node, line)
        lost = [name for name in wanted if name not in found]
        if lost:
            raise ReceiptError(f"entrée introuvable ou retenue : {', '.join(lost[:5])} ; relancer vigie build")
        return [found[name] for name in wanted]

    def _staging(self, inputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """By feed, what brings its landed rows to the columns of the house."""
        found = {}
        for feed in sorted({given["feed"] for given in inputs if given["kind"] == "landed"}):
            node = self.lineage.node(f"stg_{feed}")
            (source,) = self.lineage.parents(node)
            found[feed] = {
                "model": node.name, "relation": node.relation, "source": source.relation,
                "columns": self._columns(source.relation), "file": node.path, "file_sha256": node.sha256, "sql": node.sql,
                "key": [name for name in SERIES if name in self._columns(node.relation)],
            }  # fmt: skip
        return found

    def _rebuildable(
        self, target: Node, key: Mapping[str, Any], expected: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """What computes the row again from its inputs alone, once it has been seen to do so."""
        chain = self.lineage.chain(target.name)
        known = _texts([expected, key, *(given["row"] for given in inputs)])
        for is_pruned in (True, False):
            parts: dict[str, Any] = {
                "relation": target.relation,
                "key": dict(key),
                "expected": dict(expected),
                "tables": [self._rows_table(node) for node in chain.rows],
                "context": [self._context_table(node, key, known if is_pruned else None) for node in chain.context],
                "steps": [
                    {
                        "model": node.name,
                        "relation": node.relation,
                        "file": node.path,
                        "file_sha256": node.sha256,
                        "sql": node.sql,
                    }
                    for node in chain.steps
                ],
            }
            parsed = json.loads(to_json_in_order(parts))
            try:
                wrong = again(self._bench, parsed, json.loads(to_json_in_order(list(inputs))))
            except RebuildError as error:
                wrong = [str(error)]
            if not wrong:
                return parts
        raise ReceiptError(
            f"les entrées déclarées de {target.name} ne suffisent pas à refaire la valeur ({' ; '.join(wrong[:3])}) : "
            "compléter sa colonne inputs"
        )

    def _rows_table(self, node: Node) -> dict[str, Any]:
        return {"model": node.name, "relation": node.relation, "columns": self._columns(node.relation)}

    def _context_table(self, node: Node, key: Mapping[str, Any], known: frozenset[str] | None) -> dict[str, Any]:
        """Rows that are no fact of a document; those alone that share a code or a moment with what is computed."""
        if asked := node.meta.get("asked"):
            # a reading answers one question: what was known at its vintage
            moment = {asked: key.get(asked, self.built["as_of"])}
            return {"model": node.name, "relation": node.relation, "columns": self._columns(node.relation), "rows": [moment]}
        # what is made of such rows is withheld: a receipt that can be shown needs none of them
        context = [] if node.meta.get("private") else self._context(node.relation)
        kept = [line for line, texts in context if known is None or texts & known]
        return {"model": node.name, "relation": node.relation, "columns": self._columns(node.relation), "rows": kept}

    def _catalogue(self, row: Mapping[str, Any]) -> dict[str, Any]:
        found = self.ask("select * from marts.indicators where indicator = ?", [row["indicator"]])
        return found[0] if found else {}

    @cache  # noqa: B019
    def _context(self, relation: str) -> list[tuple[dict[str, Any], frozenset[str]]]:
        return [(line, _texts([line])) for line in self.ask(f"select * from {relation}")]

    @cache  # noqa: B019
    def _columns(self, relation: str) -> dict[str, str]:
        return {row["column_name"]: row["column_type"] for row in self.ask(f"describe {relation}")}


def to_json_in_order(value: Any) -> str:
    """JSON whose keys stay in the order in which they are read."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=lambda odd: json.loads(to_json(odd)))


def _texts(lines: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The codes and moments that rows hold."""
    return frozenset(
        str(value)
        for line in lines
        for value in line.values()
        if value not in (None, "") and not isinstance(value, bool | int | float | list)
    )


@cache
def _code() -> dict[str, Any]:
    """By which code the receipt was made: the version, the commit where there is one, and the sources' fingerprint."""
    digest = hashlib.sha256()
    for path in sorted(
        [*(ROOT / "vigie").rglob("*.py"), *(ROOT / "dbt_project").rglob("*.sql"), *(ROOT / "sectors").rglob("*.yml")]
    ):
        digest.update(path.read_bytes())
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "version": metadata.version("vigie"),
        "commit": told.stdout.strip() if told.returncode == 0 else None,
        "sources_sha256": digest.hexdigest(),
    }

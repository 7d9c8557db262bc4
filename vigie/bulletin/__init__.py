"""The note: what a task force reads once a month, on paper or on a screen, as of a day. Same tables, same bytes.

The page is made of nothing but a file of published tables: it holds its style and its charts, runs no script, and asks
nothing of any network. The PDF is the same page, laid out and tagged for screen readers by WeasyPrint, which needs
libraries of the system: the page never waits for them.
"""

import contextlib
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from vigie import sector
from vigie.bulletin import content, pictures
from vigie.bulletin.charts import LEFT, PLOT, cut
from vigie.clock import CASABLANCA, CallError, Run
from vigie.export import ExportError, drawn
from vigie.inputs import SECTOR
from vigie.lake import write_atomically
from vigie.receipt_words import Ask
from vigie.wording import MONTHS, french_date, local_day, number

MARKS = {"measured": "●", "bounded": "▬", "modelled": "◆", "claimed": "▲", "unknown": "?"}
"""The shape of each class, the same in the text and in the charts: colour never speaks alone."""
PIECES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
"""What a Debian system must have for the PDF."""


@dataclass(frozen=True)
class WrittenBulletin:
    """A note as written."""

    paths: tuple[Path, ...]
    as_of: datetime

    def summary(self) -> str:
        return f"{', '.join(map(str, self.paths))} : données connues au {french_date(local_day(self.as_of))}"

    def as_dict(self) -> dict[str, Any]:
        return {"paths": [str(path) for path in self.paths], "as_of": self.as_of}


@dataclass
class Receipts:
    """The receipts that a page cites, numbered in the order of their first citation."""

    cited: list[str] = field(default_factory=list)

    def number(self, receipt_id: str) -> int:
        if receipt_id not in self.cited:
            self.cited.append(receipt_id)
        return self.cited.index(receipt_id) + 1


def write(run: Run, target: Path) -> WrittenBulletin:
    """Writes the note of the run's day: one file (.html or .pdf), or both in a folder; each whole or not at all.

    ExportError when nothing is published, when a file cannot be written, or when the PDF's libraries are missing: the page
    is then written all the same.
    """
    kinds = (target.suffix,) if target.suffix and not target.is_dir() else (".html", ".pdf")
    if not set(kinds) <= {".html", ".pdf"}:
        raise CallError(f"« {target.name} » ne dit pas son format : finir par .html ou .pdf, ou donner un dossier")
    with duckdb.connect(str(drawn(run)), read_only=True) as connection:
        ask = asking(connection)
        text = page(ask)
        (asked,) = ask("select as_of, axis from publication")
    name = f"bulletin.{'as-published-' if asked['axis'] == 'published' else ''}{local_day(asked['as_of']):%Y-%m-%d}"
    paths = (target,) if len(kinds) == 1 else tuple(target / f"{name}{kind}" for kind in kinds)
    for path in paths:
        try:
            write_atomically(path, text.encode() if path.suffix == ".html" else pdf(text))
        except OSError as error:
            raise ExportError(f"écriture impossible de {path} : {error.strerror}") from error
    return WrittenBulletin(paths, asked["as_of"])


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Questions to a file of published tables."""

    def ask(sql: str, *values: Any) -> list[dict[str, Any]]:
        cursor = connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return ask


def page(ask: Ask) -> str:
    """The whole HTML page."""
    (publication,) = ask("select * from publication")
    until = publication["as_of"]
    today = local_day(until)
    since = datetime(today.year, today.month, 1, tzinfo=CASABLANCA).astimezone(UTC).replace(tzinfo=None)
    told = content.words(ask)
    receipts = Receipts()
    counted = "count(*) as n, count(*) filter (where origin = 'invented') as invented"
    (kept,) = ask(f"select {counted} from loads where is_standing")
    template = _environment(receipts).get_template("bulletin.html.j2")
    text = template.render(
        publication=publication, sector=sector.load(SECTOR).name_fr, today=today,
        month=f"{MONTHS[today.month - 1]} {today.year}", since=today.replace(day=1), invented=kept["invented"], loads=kept["n"],
        essential=content.essential(ask), changes=content.changes(ask, told, since, until),
        tallies=content.tallies(ask, since, until), alerts=content.alerts(ask), crossings=content.crossings(ask),
        disputes=content.disputes(ask), exposed=content.exposed(ask), due=content.decisions(ask, today),
        charts=pictures.pictures(ask, told), unknowns=content.unknowns(ask), sources=content.sources(ask, told),
        receipts=receipts,
    )  # fmt: skip
    # no line begins with a sign that French sets apart by a space
    return re.sub(r" ([:;?!»])", "\u00a0\\1", text.replace("« ", "«\u00a0"))


def _environment(receipts: Receipts) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"day": french_date, "cut": cut, "number": number, "bound": pictures.bound}
    environment.globals |= {
        "marks": MARKS, "receipt": receipts.number, "left": LEFT, "plot": PLOT,
    }  # fmt: skip
    return environment


def pdf(text: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1), in French and with its title; ExportError says what to install."""
    try:
        # imported when it is asked for: it opens libraries of the system, which the page does without, and says in
        # English on the standard output that it did not find them
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
    except OSError as error:
        raise ExportError(
            f"le PDF demande des bibliothèques que ce système n'a pas ({error.__class__.__name__}) ; sous Debian : "
            f"apt-get install {PIECES}. La page .html, elle, s'écrit et s'imprime sans elles"
        ) from error
    document = weasyprint.HTML(string=text, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=())).render(
        pdf_variant="pdf/ua-1"
    )
    written: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    if not document.fonts:
        raise ExportError(f"le PDF demande une police que ce système n'a pas ; sous Debian : apt-get install {PIECES}")
    return written

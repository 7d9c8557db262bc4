"""What reading costs beside the bare libraries, as ratios measured in one run.

1. Entries of press feeds, read to rows, against feedparser with its sanitiser off.
2. Article pages, read to their row, against trafilatura with the same setting.
3. Both again through the child process that collection reads in.
4. Article pages read and extracted (figures, dates, places, organisations, events), against bare trafilatura: half its
   speed is wanted at the least.

Rounds of the sides alternate. What is counted is processor time, of this process and of its child: the wall
clock doubles when anything else runs. The median and the best are both told; only ratios travel between machines.
"""

import argparse
import io
import json
import statistics
import sys
from collections.abc import Callable, Iterable
from datetime import date

import feedparser
import psutil
import trafilatura

from vigie import feed as feeds
from vigie import parsing
from vigie.extract import reading
from vigie.readers import article, rss

FEED = "press_articles"
DAY = date(2025, 7, 15)
ME = psutil.Process()
SENTENCE = (
    "Le centre d'appels de Rabat emploie 1&nbsp;200 personnes &amp; recrute "
    "<a href='https://exemple.ma/?a=1&amp;b={n}'>encore</a>. "
)
FURNITURE = (
    "<script>var reglages = [" + '{"cle":"valeur","adresse":"https://exemple.ma/?a=1"},' * 1500 + "];</script><nav><ul>"
    + "".join(f'<li class="menu"><a href="/rubrique/{n}">Rubrique {n}</a></li>' for n in range(200))
    + "</ul></nav><aside>"
    + "".join(f'<div class="card"><a href="/a/{n}"><img src="/{n}.jpg"/><h3>Un titre {n}</h3></a></div>' for n in range(80))
    + "</aside><footer><ul>" + "".join(f'<li><a href="/bas/{n}">Lien {n}</a></li>' for n in range(100)) + "</ul></footer>"
)  # fmt: skip
"""What stands around an article in a newspaper's page: some 100 kilobytes, less than most have."""
PARAGRAPH = "<p>" + SENTENCE * 4 + "</p><ul><li>un fait</li><li>un <b>autre</b></li></ul>"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def feed_of(entries: int, number: int) -> bytes:
    """A feed of entries with bodies of two kilobytes, as newspapers serve them."""
    items = "".join(
        f"<item><title>Titre {number}-{n} : l&apos;offshoring</title><link>https://exemple.ma/{number}/{n}</link>"
        f"<guid>https://exemple.ma/{number}/{n}</guid><pubDate>Mon, 20 Oct 2025 10:00:00 +0100</pubDate>"
        f"<description><![CDATA[{(PARAGRAPH * 4).format(n=n)}]]></description></item>"
        for n in range(entries)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Fil</title>{items}</channel></rss>'.encode()


def pages(count: int) -> list[bytes]:
    """The bundled pages, each made unlike the others, as long as an article and as furnished as a newspaper's page."""
    samples = [path.read_text() for path in feeds.sample_documents(FEED) if path.suffix == ".html"]
    longer = [page.replace("</p>", f"</p>{(PARAGRAPH * 8).format(n=0)}", 1) for page in samples]
    furnished = [page.replace("</body>", f"{FURNITURE}</body>", 1) for page in longer]
    assert all(FURNITURE in page for page in furnished)
    return [furnished[n % len(furnished)].replace("recrute", f"recrute {n}").encode() for n in range(count)]


def bare_feed(content: bytes) -> None:
    feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)


def bare_page(content: bytes) -> None:
    trafilatura.extract(content, favor_precision=True, include_comments=False, include_tables=False)


def extracted(content: bytes) -> object:
    values = article.row(content).values
    return reading.read(f"{values['title']}\n{values['body']}", DAY)


def processor() -> float:
    """Processor seconds spent so far by this process and by the children it read in, those that ended included."""
    ours = ME.cpu_times()
    alive = [process.cpu_times() for process in ME.children()]
    return sum(spent.user + spent.system for spent in (ours, *alive)) + ours.children_user + ours.children_system


def seconds(read: Callable[[bytes], object], documents: Iterable[bytes]) -> float:
    start = processor()
    for document in documents:
        read(document)
    return processor() - start


def ratios(
    bare: Callable[[bytes], None], ours: dict[str, Callable[[bytes], object]], documents: list[bytes], rounds: int
) -> dict:
    """Our speed as a share of the bare library's, by way of reading: 1 is as fast."""
    sides = {"bare": bare, **ours}
    for read in sides.values():
        read(documents[0])
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, read in sides.items():
            spent[name].append(seconds(read, documents))
    return {
        name: {
            "median": round(statistics.median(spent["bare"]) / statistics.median(spent[name]), 3),
            "best": round(min(spent["bare"]) / min(spent[name]), 3),
        }
        for name in ours
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--feeds", type=int, default=10)
    parser.add_argument("--entries", type=int, default=100)
    parser.add_argument("--pages", type=int, default=60)
    arguments = parser.parse_args()

    def child(content: bytes) -> object:
        return parsing.read_rows(FEED, content)

    say(f"{arguments.feeds} fils de {arguments.entries} articles")
    documents = [feed_of(arguments.entries, number) for number in range(arguments.feeds)]
    entries = ratios(bare_feed, {"rows": lambda content: list(rss.rows(content)), "child": child}, documents, arguments.rounds)
    say(f"{arguments.pages} pages")
    sides = {"rows": article.row, "child": child, "extracted": extracted}
    texts = ratios(bare_page, sides, pages(arguments.pages), arguments.rounds)
    wanted = {"wanted": 0.8, "wanted_extracted": 0.5}
    print(json.dumps({"rss_entries": entries | {"wanted": 0.7}, "article_pages": texts | wanted}, indent=1))


if __name__ == "__main__":
    main()

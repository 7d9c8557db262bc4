"""The open data of France's official journal: an archive of XML files, several a text.

`TEXTE_VERSION` holds a text's title and dates, `TEXTELR` its versions in force, `ARTICLE` its words. Only
texts make rows; a file of theirs that is not well formed makes a row without its title, which the door holds.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from vigie.feed import DocumentError, Request, Row
from vigie.readers import archive, hardened_xml, notice
from vigie.readers.hardened_xml import Element

TEXT = re.compile(r"JORFTEXT\d{12}")
PART = re.compile(r"(^|/)(texte/(version|struct)|article)/.*\.xml$")
INCREMENT = re.compile(r'href="(?:[^"]*/)?(JORF_\d{8}-\d{6}\.tar\.gz)"')
LATEST = 12
"""Increments asked for at each poll: some six days of them, so that a week-end without us is made up for."""
LONGEST = 200_000
"""Characters of a text's articles that are kept to be searched."""
META = "META/META_SPEC"


@dataclass
class _Text:
    """What the files of one archive say of one text; `path` is that of its own file."""

    path: str = ""
    values: dict[str, str | None] = field(default_factory=dict)
    in_force: str | None = None
    words: list[str] = field(default_factory=list)
    articles: dict[str, notice.Article] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)


def increments(listing: bytes, folder: str) -> Iterator[Request]:
    """The latest archives that the server's page lists; the full dumps beside them are not asked for."""
    names = sorted(set(INCREMENT.findall(listing.decode("utf-8", errors="replace"))))
    if not names:
        raise DocumentError(f"la liste des livraisons ({folder}) ne montre aucune archive JORF_…tar.gz ; vérifier l'adresse")
    for name in names[-LATEST:]:
        yield Request(folder + name)


def rows(content: bytes) -> Iterator[Row]:
    """One row a text of the archive, in the archive's order; the place is the path of its file."""
    texts: dict[str, _Text] = defaultdict(_Text)
    for path, written in archive.members(content, lambda path: bool(PART.search(path))):
        _add(texts, path, written)
    found = {identity: text for identity, text in texts.items() if text.path}
    if not found:
        raise DocumentError(
            "l'archive ne contient aucun texte du Journal officiel (texte/version/…/JORFTEXT….xml) ; "
            "vérifier que c'est une livraison JORF"
        )
    for identity, text in found.items():
        yield Row(
            text.values
            | {
                "local_id": identity,
                "subject": " ".join(text.words)[:LONGEST],
                **_articles(text),
                "effective_at": text.in_force or text.values.get("effective_at"),
                "link": f"https://www.legifrance.gouv.fr/jorf/id/{identity}",
                "lang": "fr",
            },
            text.path,
        )


def _articles(text: _Text) -> dict[str, object]:
    """A text is whole when its own list of articles was there and so was each of them."""
    order = [*text.listed, *(name for name in text.articles if name not in text.listed)]
    kept = [text.articles[name] for name in order if name in text.articles]
    return {
        "articles": notice.as_json(kept),
        "is_whole": bool(text.listed) and set(text.listed) <= set(text.articles),
    }


def _add(texts: dict[str, _Text], path: str, written: bytes) -> None:
    named = TEXT.fullmatch(PurePosixPath(path).stem)
    try:
        root = hardened_xml.root(written, f"de {path}")
    except hardened_xml.HostileXmlError:
        raise
    except DocumentError:
        if not named:
            raise
        texts[named[0]].path = path
        return
    identity = (root.findtext("META/META_COMMUN/ID") or "").strip()
    if root.tag == "TEXTE_VERSION" and TEXT.fullmatch(identity):
        texts[identity].path = path
        texts[identity].values = _heading(root)
        texts[identity].words += filter(None, [hardened_xml.words(root.find("NOTICE"))])
    elif root.tag == "TEXTELR" and TEXT.fullmatch(identity):
        # the text's own link holds a sentinel: its start is on the link of its consolidated version
        starts = root.xpath("VERSIONS/VERSION/LIEN_TXT[starts-with(@id, 'LEGITEXT')]/@debut")
        texts[identity].in_force = min(filter(None, map(notice.day, starts)), default=None)
        texts[identity].listed = list(root.xpath("STRUCT//LIEN_ART/@id"))
    elif root.tag == "ARTICLE":
        owner = root.find("CONTEXTE/TEXTE")
        said = hardened_xml.words(root.find("BLOC_TEXTUEL/CONTENU"))
        if owner is not None and said and TEXT.fullmatch(owner.get("cid", "")):
            text, meta = texts[owner.get("cid")], f"{META}/META_ARTICLE"
            text.words.append(said)
            number, start = root.findtext(f"{meta}/NUM") or "", notice.day(root.findtext(f"{meta}/DATE_DEBUT"))
            text.articles[identity or path] = notice.Article(number.strip(), said, effective_on=start)


def _heading(root: Element) -> dict[str, str | None]:
    chronicle, version = f"{META}/META_TEXTE_CHRONICLE", f"{META}/META_TEXTE_VERSION"
    return {
        "nor": root.findtext(f"{chronicle}/NOR"),
        "eli": root.findtext("META/META_COMMUN/ID_ELI"),
        "nature": root.findtext("META/META_COMMUN/NATURE"),
        "title": root.findtext(f"{version}/TITREFULL") or root.findtext(f"{version}/TITRE"),
        "published_at": notice.day(root.findtext(f"{chronicle}/DATE_PUBLI")),
        "effective_at": notice.day(root.findtext(f"{version}/DATE_DEBUT")),
        "adopted_on": notice.day(root.findtext(f"{chronicle}/DATE_TEXTE")),
        "status": root.findtext(f"{version}/ETAT"),
        "issuer": root.findtext(f"{version}/MINISTERE"),
    }

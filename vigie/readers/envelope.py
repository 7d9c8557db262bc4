"""What every text format shares before it is parsed: its encoding, and the page sent in its place."""

import codecs
import re

from vigie.feed import DocumentError

WINDOW = 1 << 16
"""Bytes in which a document has said what it is."""
# atomic groups: an opening of a thousand comments is read once
HTML = re.compile(r"(?>\s+|<\?xml[^>]*>|<!--.*?-->)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
PAGE = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
FEED = re.compile(r"<(\w+:)?(rss|feed|rdf|channel)\b", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]*>([^<]*)</title>", re.IGNORECASE)
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
"""Byte order marks, the longer of two that begin alike first."""
DECLARED = re.compile(
    rb"""(?:<\?xml[^>]{0,100}encoding=|<meta[^>]{0,200}charset=)\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
NOT_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"}
HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters, what turns the direction of the text that follows, and halves of characters."""


def encoding(content: bytes) -> str:
    """The encoding that a document announces, by its mark or in its words; UTF-8 otherwise."""
    for mark, name in MARKS.items():
        if content.startswith(mark):
            return name
    declared = DECLARED.search(content[:4096])
    if not declared:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode()).name
    except LookupError:
        return "utf-8"
    # a document whose declaration reads as ASCII is not in UTF-16, whatever it says
    return "utf-8" if name in NOT_TEXT or name.startswith(("utf-16", "utf-32")) else name


def text(content: bytes) -> str:
    """The document as text; a byte that is not of the encoding it announces is named with its line."""
    name = encoding(content)
    try:
        return content.decode(name)
    except LookupError:
        raise DocumentError(f"l'encodage annoncé ({name}) n'est pas un encodage de texte ; l'enregistrer en UTF-8") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        named = name.removesuffix("-sig").upper()
        raise DocumentError(
            f"le document n'est pas en {named} : octet 0x{content[error.start]:02x} à la ligne {line} "
            f"(octet n° {error.start + 1}) ; l'enregistrer en UTF-8 puis le redéposer"
        ) from None


def harmless(written: str) -> str:
    """The text without the characters that no one typed to be read: controls, and direction overrides."""
    return HARMFUL.sub("", written) if HARMFUL.search(written) else written


def is_html(content: bytes) -> bool:
    """True for a page: it begins as one, or has its elements and none of a feed's."""
    start = _start(content)
    return bool(HTML.match(start) or (PAGE.search(start) and not FEED.search(start)))


def refuse_html(content: bytes, expected: str) -> None:
    """An error page is often served with status 200: it is named by its title, never parsed as data."""
    start = _start(content)
    if HTML.match(start):
        title = TITLE.search(start)
        named = harmless(" ".join(title[1].split()))[:100] if title else "sans titre"
        raise DocumentError(
            f"une page HTML (« {named} ») a été reçue à la place {expected}, dès le premier octet ; "
            "vérifier l'adresse puis recommencer"
        )


def refuse_empty(content: bytes) -> None:
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise DocumentError(f"le document est vide ({len(content)} octets reçus) ; le télécharger de nouveau")


def _start(content: bytes) -> str:
    mark = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    return content[:WINDOW].decode(mark, errors="replace").lstrip("\ufeff")

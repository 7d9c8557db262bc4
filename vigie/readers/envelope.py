"""What every text format shares before it is parsed: its encoding, and the page sent in its place."""

import re

from vigie.feed import DocumentError

HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def text(content: bytes) -> str:
    """The document as UTF-8 text; a byte that is not UTF-8 is named with its line."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"le document n'est pas en UTF-8 : octet 0x{content[error.start]:02x} à la ligne {line} "
            f"(octet n° {error.start + 1}) ; l'enregistrer en UTF-8 puis le redéposer"
        ) from None


def refuse_html(content: bytes, expected: str) -> None:
    """An error page is often served with status 200: it is named by its title, never parsed as data."""
    start = content[:4096].decode("utf-8", errors="replace").lstrip("\ufeff")
    if HTML.match(start):
        title = TITLE.search(start)
        named = " ".join(title.group(1).split()) if title else "sans titre"
        raise DocumentError(
            f"une page HTML (« {named} ») a été reçue à la place {expected}, dès le premier octet ; "
            "vérifier l'adresse puis recommencer"
        )


def refuse_empty(content: bytes) -> None:
    if not content.strip():
        raise DocumentError(f"le document est vide ({len(content)} octets reçus) ; le télécharger de nouveau")

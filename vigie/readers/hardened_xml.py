"""XML from outside: parsed without entities, network or huge trees; one that declares a DTD is refused."""

from typing import Any

from lxml import etree

from vigie.feed import DocumentError
from vigie.readers import envelope

Element = Any
"""lxml gives no types."""


class HostileXmlError(DocumentError):
    """A document that declares what only an attack needs: it is refused whole, whatever else it holds."""


def root(content: bytes, named: str) -> Element:
    """The root element of `named` (« du sommaire », « de l'archive, membre x »); DocumentError otherwise.

    No gazette nor feed needs a DTD: one is how a document would read our files or ask addresses.
    """
    envelope.refuse_empty(content)
    envelope.refuse_html(content, f"{named} attendu")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise _declares(named) from error
        line, column = error.position
        raise DocumentError(
            f"le XML {named} n'est pas bien formé : ligne {line}, colonne {column} ; le redemander à l'éditeur"
        ) from error
    if tree.getroottree().docinfo.doctype:
        raise _declares(named)
    return tree


def path(element: Element) -> str:
    """Where an element stands in its document, without namespaces: `/response/data/sumario/diario/seccion[2]/item`."""
    steps = []
    while element is not None:
        parent = element.getparent()
        alike = [element] if parent is None else [child for child in parent if child.tag == element.tag]
        number = f"[{alike.index(element) + 1}]" if len(alike) > 1 else ""
        steps.append(f"{etree.QName(element).localname}{number}")
        element = parent
    return "/" + "/".join(reversed(steps))


def words(element: Element | None) -> str | None:
    """All the text of an element on one line; None when there is none."""
    if element is None:
        return None
    return " ".join(" ".join(element.itertext()).split()) or None


def _declares(named: str) -> HostileXmlError:
    return HostileXmlError(f"le XML {named} déclare une DTD ou des entités, ce qu'aucun éditeur n'a à faire ; ne pas l'ouvrir")

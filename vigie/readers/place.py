"""The text that stands at a place of a document, as readers write places.

A place is a cell (`Feuille!B7`), a JSON pointer (`/data/0/value`), a path of elements (`/rss/channel/item[5]`) or
a line (`ligne 12`, `ligne 12, COLONNE`). A document is opened once for all its places; hostile bytes are opened in the
reading child alone.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from lxml import etree, html
from openpyxl import load_workbook

from vigie.readers import envelope

LINE = re.compile(r"ligne (\d+)(?:, (.+))?")
CELL = re.compile(r"(.+)!([A-Z]{1,3}\d+)")
STEP = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")
ARCHIVE = (b"\x1f\x8b", b"PK")
WORKBOOK = b"PK"


def pointer(content: bytes) -> Callable[[str], str | None]:
    """The text at a place of this document; None where nothing can be pointed at."""
    return _Opened(content).at


class _Opened:
    """One document, opened in the way that the first place asks for."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def at(self, place: str) -> str | None:
        try:
            return self._at(place)
        except (ValueError, KeyError, IndexError, TypeError, csv.Error, etree.LxmlError):
            return None

    def _at(self, place: str) -> str | None:
        if line := LINE.fullmatch(place):
            return self._line(int(line[1]), line[2])
        if (cell := CELL.fullmatch(place)) and self._content.startswith(WORKBOOK):
            value = self._workbook[cell[1]][cell[2]].value
            return None if value is None else str(value)
        if place.startswith("/") and not self._content.startswith(ARCHIVE):
            return self._json_at(place) if self._is_json else self._element_at(place)
        return None

    def _line(self, number: int, column: str | None) -> str | None:
        line = self._lines[number - 1]
        if column is None:
            return line
        header = next(csv.reader([self._lines[0]]))
        return next(csv.reader([line]))[header.index(column)]

    def _json_at(self, place: str) -> str:
        value = self._json
        for step in place.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def _element_at(self, place: str) -> str | None:
        root = self._tree
        steps = [STEP.fullmatch(step) for step in place.strip("/").split("/")]
        if steps and steps[0] and _name(root) == steps[0][1]:
            steps = steps[1:]
        node = root
        for step in steps:
            if step is None:
                return None
            alike = [child for child in node if _name(child) == step[1]]
            node = alike[int(step[2] or 1) - 1]
        said = " ".join(" ".join(node.itertext()).split())
        return said or etree.tostring(node, encoding="unicode").strip()

    @cached_property
    def _lines(self) -> list[str]:
        return envelope.text(self._content).splitlines()

    @cached_property
    def _is_json(self) -> bool:
        return self._content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")

    @cached_property
    def _json(self) -> Any:
        return json.loads(envelope.text(self._content))

    @cached_property
    def _workbook(self) -> Any:
        return load_workbook(io.BytesIO(self._content))

    @cached_property
    def _tree(self) -> Any:
        closed = {"resolve_entities": False, "no_network": True, "huge_tree": False, "remove_comments": True}
        try:
            return etree.fromstring(self._content, etree.XMLParser(load_dtd=False, **closed))
        except etree.XMLSyntaxError:
            return html.document_fromstring(self._content)


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""

"""SDMX-ML 2.1 and 3.0 data messages, generic or structure-specific, read as a stream.

A message may weigh many times what a process may hold: each series is let go once its figures are
told. Elements are known by their local names, since the two versions differ by namespaces only.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from vigie.feed import DocumentError
from vigie.readers.observation import Observation

DATA = ("GenericData", "GenericTimeSeriesData", "StructureSpecificData", "StructureSpecificTimeSeriesData")
VERSION = re.compile(r"/schemas/v(\d)_(\d)/")
READABLE = (("2", "1"), ("3", "0"), ("3", "1"))
INCOMPLETE = ("413", "510")
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TIME = "TIME_PERIOD"
VALUE = "OBS_VALUE"
FLAT = "AllDimensions"
ATTRIBUTES = {
    "OBS_STATUS", "OBS_CONF", "CONF_STATUS", "CONF_STATUS_OBS", "PRE_BREAK_VALUE", "OBS_PRE_BREAK", "OBS_COM", "COMMENT",
    "COMMENT_OBS", "COMMENT_TS", "DECIMALS", "UNIT_MULT", "TITLE", "TITLE_COMPL", "TIME_FORMAT", "COLLECTION",
    "SOURCE_AGENCY", "COMPILATION", "COVERAGE", "BASE_PER", "BREAKS", "PUBL_PUBLIC", "PUBL_MU", "PUBL_ECB", "EMBARGO_DATE",
    "SERIES_NAME", "LAST_UPDATE", "COLL_METHOD", "REF_PERIOD_DETAIL", "TIME_PER_COLLECT", "DATA_COMP", "ACCURACY",
}  # fmt: skip
"""Concepts that SDMX's cross-domain list makes attributes: nothing else tells them from the dimensions
of a structure-specific message that comes without its structure."""
MESSAGES = {
    "Structure": "c'est un message de structure (listes de codes, définitions), pas de données",
    "RegistryInterface": "c'est un message de registre, pas de données",
    "GenericMetadata": "c'est un message de métadonnées, pas de données",
    "StructureSpecificMetadata": "c'est un message de métadonnées, pas de données",
}

Group = tuple[Mapping[str, str], Mapping[str, str]]
"""The key of a group, and what is noted of all the series under it."""


def observations(content: bytes) -> Iterator[Observation]:
    """Every figure of every data set, in the order of the document."""
    try:
        root = _root(content)
        if _name(root) == "Error":
            *_, (_, whole) = _events(content)
            raise DocumentError(f"l'éditeur répond par une erreur SDMX : {_message(whole)} ; vérifier la demande")
        groups = _groups(content) if b"Group" in content or b"Atts" in content else []
        yield from _figures(content, groups)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise DocumentError(
            f"le XML s'interrompt ou se lit mal à la ligne {line}, colonne {column} ({error.msg}) ; redemander la réponse entière"
        ) from error


def _events(content: bytes, *names: str) -> Iterator[tuple[str, Any]]:
    """The named elements as they open and close; nothing that an entity would bring in is ever read."""
    tags = [f"{{*}}{name}" for name in names] or None
    parser = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), tag=tags, resolve_entities=False, load_dtd=False, no_network=True
    )
    return iter(parser)


def _root(content: bytes) -> Any:
    """The first element, which says what the message is before the rest is read."""
    _, root = next(_events(content))
    if root.getroottree().docinfo.doctype:
        raise DocumentError("le XML déclare un DOCTYPE ou une entité, que SDMX n'emploie jamais ; refusé par sûreté")
    _refuse_kind(root)
    return root


def _refuse_kind(root: Any) -> None:
    """What is no data message is told by its name."""
    name, namespace = _name(root), root.nsmap.get(root.prefix) or ""
    if "sdmx" not in namespace.lower():
        raise DocumentError(f"le XML n'est pas un message SDMX : sa racine est <{name}> ; vérifier l'adresse demandée")
    if name == "Error":
        return
    if name in MESSAGES:
        raise DocumentError(f"{MESSAGES[name]} (<{name}>) ; demander les données (/data/)")
    if "Query" in name:
        raise DocumentError(f"c'est une question SDMX (<{name}>), pas une réponse ; demander les données (/data/)")
    version = VERSION.search(namespace)
    if name not in DATA or version is None or version.groups() not in READABLE:
        told = ".".join(version.groups()) if version else "inconnue"
        raise DocumentError(f"message SDMX de version {told} (<{name}>) : demander du SDMX-ML 2.1 ou 3.0, ou du SDMX-CSV")


def _refuse_footer(footer: Any, count: int) -> None:
    """What looks like data may say, in words after them, that the data are elsewhere."""
    codes = [message.get("code", "") for message in footer.iter("{*}Message")]
    if any(code in INCOMPLETE for code in codes):
        raise DocumentError(
            f"les données ne sont pas là : l'éditeur diffère sa réponse ({_message(footer)}) ; "
            "redemander plus tard, ou demander moins de données"
        )
    if not count:
        raise DocumentError(f"le message SDMX ne contient qu'un avis de l'éditeur ({_message(footer)}) ; revoir la demande")


def _message(element: Any) -> str:
    """« 413 : first sentence that the publisher writes »."""
    code = next((message.get("code", "") for message in element.iter("{*}Message", "{*}ErrorMessage")), "")
    texts = [text.text.strip() for text in element.iter("{*}Text") if text.text and text.text.strip()]
    return " : ".join(part for part in (code, f"« {texts[0][:200]} »" if texts else "") if part) or "sans explication"


def _groups(content: bytes) -> list[Group]:
    """What is noted of whole groups of series: it may stand after the series themselves."""
    found: list[Group] = []
    for event, element in _events(content, "Group", "Atts", "Series", "Obs"):
        if event == "end":
            if _name(element) in ("Group", "Atts"):
                noted = _values(element, "Attributes") or _plain(element)
                found.append((_values(element, "GroupKey") or noted, noted))
            _let_go(element)
    return found


def _figures(content: bytes, groups: list[Group]) -> Iterator[Observation]:
    flows: dict[str | None, Any] = {}
    lookup = _Lookup(groups)
    at_dataset: dict[str, str] = {}
    series: dict[str, str] = {}
    noted: dict[str, str] = {}
    flow, axis = "", TIME
    count = n_dataset = n_series = n_inside = n_flat = 0
    for event, element in _events(content, "Header", "DataSet", "Series", "Obs", "Attributes", "SeriesKey", "Footer"):
        match event, _name(element), _name(element.getparent()):
            case "end", "Header", _:
                flows = {structure.get("structureID"): structure for structure in element.findall("{*}Structure")}
            case "start", "DataSet", root:
                if not flows:
                    raise DocumentError(f"le message SDMX n'a pas d'en-tête (/{root}/Header) ; redemander la réponse entière")
                n_dataset, n_series, n_flat = n_dataset + 1, 0, 0
                flow, axis = _flow(flows.get(_reference(element), next(iter(flows.values()), None)))
                at_dataset = {name: text for name, text in _plain(element).items() if name in ATTRIBUTES}
                series, noted = {}, {}
            case "start", "Series", _:
                n_series, n_inside = n_series + 1, 0
                written = _plain(element)
                series = {name: code for name, code in written.items() if name not in ATTRIBUTES}
                noted = {name: text for name, text in written.items() if name in ATTRIBUTES}
            case "end", "SeriesKey", _:
                series = _pairs(element)
            case "end", "Attributes", "Series":
                noted = _pairs(element)
            case "end", "Attributes", "DataSet":
                at_dataset |= _pairs(element)
            case "end", "Obs", parent:
                if parent == "Series":
                    n_inside += 1
                    place = f"/DataSet[{n_dataset}]/Series[{n_series}]/Obs[{n_inside}]"
                else:
                    n_flat += 1
                    place = f"/DataSet[{n_dataset}]/Obs[{n_flat}]"
                key, value, own = _figure(element, axis)
                dimensions = series | key
                period = dimensions.pop(TIME, "")
                attributes = at_dataset | lookup.of(dimensions) | noted | own
                count += 1
                yield Observation(flow, dimensions, attributes, period, value, place)
                _let_go(element)
            case "end", "Series", _:
                _let_go(element)
                series, noted = {}, {}
            case "end", "Footer", _:
                _refuse_footer(element, count)
    if not count:
        raise DocumentError("le message SDMX ne contient aucune observation (/DataSet) ; vérifier la clé demandée")


def _figure(element: Any, axis: str) -> tuple[dict[str, str], str | None, dict[str, str]]:
    """One Obs: its part of the key, its value and its own attributes."""
    if element.tag.startswith("{"):
        key: dict[str, str] = {}
        value = None
        for child in element:
            match _name(child):
                case "ObsDimension":
                    key = {child.get("id") or axis: child.get("value", "")}
                case "ObsKey":
                    key = _pairs(child)
                case "ObsValue":
                    value = child.get("value")
        return key, value, _values(element, "Attributes")
    given = _plain(element)
    value = given.pop(VALUE, None)
    if TYPE in element.attrib and axis != FLAT:
        given[axis] = element.get(TYPE, "").rpartition(":")[2]
    key = {name: code for name, code in given.items() if name in (axis, TIME) or (axis == FLAT and name not in ATTRIBUTES)}
    own = {name: text for name, text in given.items() if name not in key}
    # SDMX-ML 3.0 writes an attribute of several values as children
    own |= {child.get("id", ""): " ".join(" ".join(child.itertext()).split()) for child in element if _name(child) == "Comp"}
    return key, value, own


class _Lookup:
    """The attributes of the groups that a series belongs to."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self.indexes: dict[frozenset[str], dict[tuple[str, ...], dict[tuple[str, ...], dict[str, str]]]] = {}

    def of(self, dimensions: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.groups:
            for keys, by_codes in self._index(frozenset(dimensions)).items():
                found |= by_codes.get(tuple(dimensions[key] for key in keys), {})
        return found

    def _index(self, names: frozenset[str]) -> dict[tuple[str, ...], dict[tuple[str, ...], dict[str, str]]]:
        """The groups by the dimensions they are keyed on, among the `names` that series have."""
        if names not in self.indexes:
            index: dict[tuple[str, ...], dict[tuple[str, ...], dict[str, str]]] = defaultdict(dict)
            for key, noted in self.groups:
                keys = tuple(sorted(names & key.keys()))
                attributes = {name: text for name, text in noted.items() if name not in names}
                index[keys][tuple(key[name] for name in keys)] = attributes
            self.indexes[names] = index
        return self.indexes[names]


def _flow(structure: Any) -> tuple[str, str]:
    """AGENCY:FLOW(VERSION) of a header's structure, and the dimension that its figures stand along."""
    if structure is None:
        return "", TIME
    axis = structure.get("dimensionAtObservation") or TIME
    for element in structure.iter():
        if _name(element) == "Ref" and element.get("id"):
            version = element.get("version")
            return f"{element.get('agencyID', '')}:{element.get('id')}" + (f"({version})" if version else ""), axis
        if isinstance(element.tag, str) and (found := re.search(r"=([^=\s]+\([^)]*\))\s*$", element.text or "")):
            return found.group(1), axis
    return "", axis


def _reference(element: Any) -> str | None:
    return next((text for key, text in element.attrib.items() if key.rpartition("}")[2] == "structureRef"), None)


def _values(element: Any, child: str) -> dict[str, str]:
    found = element.find(f"{{*}}{child}")
    return {} if found is None else _pairs(found)


def _pairs(element: Any) -> dict[str, str]:
    return {value.get("id") or value.get("concept", ""): value.get("value", "") for value in element.iter("{*}Value")}


def _plain(element: Any) -> dict[str, str]:
    """The XML attributes that bear no namespace: the parts of the structure."""
    return {key: text for key, text in element.attrib.items() if not key.startswith("{")}


def _name(element: Any) -> str:
    return "" if element is None or not isinstance(element.tag, str) else str(element.tag.rpartition("}")[2])


def _let_go(element: Any) -> None:
    """Frees an element and what stands before it: the stream never holds more than one series."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]

"""SDMX data messages in any of their forms → observations.

The established client, sdmx1, is the judge of these readers in the tests and does not read here: it
holds 28 bytes in memory for each byte read and 110 MB before the first, its reading of SDMX 3 depends
on what the process read before, and it leaves out the attributes of SDMX-JSON series, UNIT_MULT among
them. Each reader here is a stream without state.
"""

from collections.abc import Callable, Iterator, Mapping

from vigie.feed import DocumentError, Row
from vigie.readers import envelope, observation, sdmx_csv, sdmx_json, sdmx_xml
from vigie.readers.observation import Observation


def observations(content: bytes) -> Iterator[Observation]:
    """The figures of a message, whatever its form; DocumentError when it is no data message."""
    envelope.refuse_empty(content)
    envelope.refuse_html(content, "du message SDMX attendu")
    yield from _reader(content)(content)


def rows(content: bytes, dimensions: Mapping[str, str]) -> Iterator[Row]:
    """One row per figure; `dimensions` names the column of each dimension that the feed knows."""
    for figure in observations(content):
        yield observation.row(figure, dimensions)


def _reader(content: bytes) -> Callable[[bytes], Iterator[Observation]]:
    opening = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if opening == b"<" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return sdmx_xml.observations
    if opening in (b"{", b"["):
        return sdmx_json.observations
    if sdmx_csv.is_here(content):
        return sdmx_csv.observations
    told = " ".join(content[:80].decode(errors="replace").split())
    raise DocumentError(
        f"le document n'est ni du XML, ni du JSON, ni du SDMX-CSV : il commence par « {told} » ; revoir l'adresse"
    )

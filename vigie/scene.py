"""The scene that a rehearsal sets: the present of a sample folder, and the troubles that its publishers are to give.

One file at the root of the folder, which every process that works there reads. Nobody sets one in a live folder, and a live
folder in which one is found is not opened.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from vigie.lake import Lake, LakeError, to_json, write_atomically

TroubleKind = Literal["unanswered", "truncated", "repeated", "silent"]


@dataclass(frozen=True)
class Trouble:
    """What a publisher does wrong: it does not answer, sends half of its last document, sends it twice, or publishes nothing."""

    feed: str
    kind: TroubleKind


@dataclass(frozen=True)
class Scene:
    """The present (naive UTC), the present before it (None at first), and the troubles of the day."""

    now: datetime
    before: datetime | None = None
    troubles: tuple[Trouble, ...] = ()

    def trouble(self, feed: str) -> TroubleKind | None:
        """What is wrong with a feed today."""
        return next((trouble.kind for trouble in self.troubles if trouble.feed == feed), None)


def of(lake: Lake) -> Scene | None:
    """The scene of a folder; None where nobody set one. LakeError in a live folder, and for a file that is none."""
    path = _path(lake)
    if not path.exists():
        return None
    if lake.mode == "live":
        raise LakeError(f"{path} impose une heure de répétition à un dossier réel : retirer ce fichier, l'horloge y est la vraie")
    try:
        values = json.loads(path.read_text())
        before = values["before"]
        troubles = tuple(Trouble(**trouble) for trouble in values["troubles"])
        return Scene(datetime.fromisoformat(values["now"]), datetime.fromisoformat(before) if before else None, troubles)
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"{path} est illisible : le retirer, ou rejouer la répétition dans un dossier neuf") from None


def put(lake: Lake, scene: Scene) -> None:
    """Sets the scene; LakeError in a live folder, and for a present that goes back."""
    known = of(lake)
    if lake.mode == "live":
        raise LakeError(f"{lake.root} est un dossier réel : aucune répétition ne s'y joue, en prendre un neuf")
    if known and scene.now < known.now:
        raise LakeError(f"le présent de {lake.root} est le {known.now:%d/%m/%Y} : il ne recule pas")
    write_atomically(_path(lake), to_json(asdict(scene), indent=1) + "\n")


def _path(lake: Lake) -> Path:
    return lake.root / "scene.json"

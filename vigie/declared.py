"""Files that people write in YAML, read into models; an error names the file and the line, in French."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError


class DeclarationError(Exception):
    """A file that cannot be used: file, line, what is wrong; one line each."""


class Strict(BaseModel):
    """A model that refuses names it does not know, and is never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)
Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.>@-]+$")]


def read(path: Path, model: type[Model], kind: str = "fichier", known: Mapping[str, Any] | None = None) -> Model:
    """Reads and checks a file against a model; `kind` is what a person calls it, `known` what its validators may ask for."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = _UNREADABLE.get(type(error)) or getattr(error, "strerror", "")
        raise DeclarationError(f"{kind} illisible : {path} ({why})") from None
    try:
        document = YAML().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DeclarationError(f"{path}:{line} : ce n'est pas du YAML ({error.problem})") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DeclarationError(f"{path}:{line} : ce n'est pas du YAML (un caractère de contrôle s'y trouve)") from None
    try:
        return model.model_validate(document, context=dict(known or {}))
    except ValidationError as error:
        told = [f"{path}:{_line(document, e['loc'])} : {_where(e['loc'])}{_sentence(e)}" for e in error.errors()]
        raise DeclarationError("\n".join(told)) from None


def _line(document: Any, location: Iterable[int | str]) -> int:
    """The line of the innermost part of the document that the error is about."""
    line, node = 1, document
    for step in location:
        # a key that comes by a merge (<<) is in the node, and not on a line of it
        if not isinstance(node, CommentedBase) or step not in (node.lc.data or {}):
            break
        line = node.lc.data[step][0] + 1
        node = node[step]  # type: ignore[index]
    return line


def _where(location: tuple[int | str, ...]) -> str:
    return f"{'.'.join(str(step) for step in location)} : " if location else ""


_UNREADABLE = {
    UnicodeDecodeError: "pas en UTF-8",
    FileNotFoundError: "ce fichier n'existe pas",
    IsADirectoryError: "c'est un dossier",
}
_SENTENCES = {
    "missing": "champ obligatoire absent",
    "extra_forbidden": "champ inconnu",
    "string_type": "un texte est attendu (entre guillemets si c'est un nombre)",
    "string_too_short": "un texte non vide est attendu",
    "string_pattern_mismatch": "un code sans espace ni accent est attendu",
    "float_type": "un nombre est attendu (point décimal)",
    "float_parsing": "un nombre est attendu (point décimal)",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "finite_number": "un nombre fini est attendu",
    "greater_than": "la valeur est trop petite",
    "greater_than_equal": "la valeur est trop petite",
    "less_than": "la valeur est trop grande",
    "less_than_equal": "la valeur est trop grande",
    "list_type": "une liste est attendue",
    "dict_type": "des couples « clé: valeur » sont attendus",
    "model_type": "des couples « clé: valeur » sont attendus",
    "too_short": "la liste est vide",
}


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"« {error['input']} » n'est pas admis ; valeurs admises : {error['ctx']['expected'].replace(' or ', ', ')}"
    if error["type"].startswith("date"):
        return f"« {error['input']} » n'est pas une date (AAAA-MM-JJ)"
    return _SENTENCES.get(error["type"], f"valeur refusée : {error['input']!r}")

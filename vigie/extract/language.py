"""The language of a block of text among the four that the observatory reads."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from vigie.extract.folding import plain

LANGUAGES = ("fr", "es", "en", "ar")
LONGEST = 500
"""Characters looked at: more of them change nothing but the cost."""


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def language(text: str) -> str:
    """'fr', 'es', 'en' or 'ar'; a text without letters is French, as most of what we read."""
    head = text[:LONGEST]
    letters = sum(character.isalpha() for character in head)
    if not letters:
        return "fr"
    if sum("\u0600" <= character <= "\u06ff" for character in head) * 2 > letters:
        return "ar"
    code, _ = _identifier().classify(plain(head))
    return str(code)

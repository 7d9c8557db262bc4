"""One character for one character, so that a span found in the folded text is a span of the text itself."""

import unicodedata
from functools import lru_cache

PLAIN = {
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2002\u2003\u200a\t\r\n"), " "),
    **dict.fromkeys(map(ord, "’‘ʼ′`´"), "'"),
    **dict.fromkeys(map(ord, "‐‑–—−"), "-"),
    **{0x660 + digit: str(digit) for digit in range(10)},
    **{0x6F0 + digit: str(digit) for digit in range(10)},
    ord("٪"): "%", ord("٫"): ",", ord("٬"): ".", ord("،"): ",", ord("؛"): ";", ord("؟"): "?",
}  # fmt: skip
"""Spaces, apostrophes, dashes, digits and signs that differ by typography only."""
ARABIC = {ord("أ"): "ا", ord("إ"): "ا", ord("آ"): "ا", ord("ى"): "ي", ord("ة"): "ه"}
LIGATURES = {ord("œ"): "o", ord("æ"): "a", ord("ß"): "s"}


def _bare(code: int) -> str:
    """The letter under its accent, small."""
    bare = unicodedata.normalize("NFD", chr(code))[0].lower()
    return bare if len(bare) == 1 else chr(code)


FOLDED = {**{code: _bare(code) for code in range(0x41, 0x250)}, **LIGATURES, **ARABIC}


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """The text with one kind of space, apostrophe, dash and digit; same length."""
    return text.translate(PLAIN)


@lru_cache(maxsize=256)
def fold(text: str) -> str:
    """`plain`, small, without accents; same length."""
    return text.translate(PLAIN).translate(FOLDED)

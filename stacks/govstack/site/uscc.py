"""The unified social credit code (统一社会信用代码) and its check character, after GB 32100."""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capital letters without I, O, S, V and Z; the place is the value."""

LENGTH: Final = 18


def is_uscc(code: str) -> bool:
    """Tell whether the code is well formed and its last character right."""
    return with_check_character(code) == code


def with_check_character(code: str) -> str:
    """Return the code with the right last character, or nothing if it is not well formed."""
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return ""
    body = code[: LENGTH - 1]
    size = len(ALPHABET)
    total = sum(
        ALPHABET.index(character) * pow(3, place, size) for place, character in enumerate(body)
    )
    return body + ALPHABET[-total % size]

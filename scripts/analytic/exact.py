"""Exact numbers in and out: text to Fraction, Fraction to text."""

import re
from fractions import Fraction

NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40}|/[0-9]{1,40})?")


def number(text: str) -> Fraction:
    """Return the value of an integer, a decimal or a fraction ("3/2"); ValueError for anything else."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no integer, decimal (1.5) or fraction (3/2)")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{text!r} divides by zero") from None


def plain(content):
    """Return `content` with every Fraction as a string ("3/2"), ready for JSON."""
    match content:
        case Fraction():
            return str(content)
        case dict():
            return {key: plain(value) for key, value in content.items()}
        case list() | tuple():
            return [plain(value) for value in content]
    return content

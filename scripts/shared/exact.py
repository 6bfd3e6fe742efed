"""Exact numbers in and out: text to Fraction, Fraction to text. Standard library alone."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import reduce
from operator import add
from pathlib import Path

from scripts.shared.step import Failure

NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40}|/[0-9]{1,40})?")


def number(text: str) -> Fraction:
    """Return the exact value of an integer, a decimal ("1.5") or a fraction ("3/2"); a Failure for anything else."""
    if not (isinstance(text, str) and NUMBER.fullmatch(text)):
        raise Failure(f"{str(text)[:40]!r} is no number: write an integer, a decimal (1.5) or a fraction (3/2)")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise Failure(f"{text!r} divides by zero") from None


def read_rows(path: str | Path, form: str) -> Iterator[tuple[str, list[Fraction]]]:
    """Yield (where it stands, its numbers) for each line of a text file; # starts a comment, `form` is a line's form.

    A Failure says what cannot be read.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: cannot be read as text ({error}); give a file with one '{form}' a line") from None
    for count, line in enumerate(lines, start=1):
        if words := line.partition("#")[0].split():
            where = f"{path}, line {count}"
            try:
                yield where, [number(word) for word in words]
            except Failure as failure:
                raise Failure(f"{where}: {failure}") from None


def added(values: Iterable):
    """Return the sum from left to right. Of floats, Python's own has other last digits from release 3.12 on."""
    return reduce(add, values, 0)


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

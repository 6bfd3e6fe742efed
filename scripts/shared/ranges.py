"""Names of many files in few words: those that differ in their numbers alone, as a range in Bash's spelling.

A command is a single argument to Bash, and that may have no more than 128 kB: some three thousand names of files. Nor
may all words of a command have more than 2 MB, so that steps expand the ranges, not Bash.
"""

import re
from collections.abc import Iterable
from itertools import product
from math import prod
from shlex import quote

# As a folder or a part of a name between dots; of no more digits than Bash can count with, too.
NUMBER = re.compile(r"(?<=[/.])(?:0|[1-9][0-9]{0,17})(?=[/.])")
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


def ranges(names: Iterable[str]) -> str:
    """Return the words of a command that stand for `names`, in some order: 'runs/{1..25}.{1..4}/history.csv'.

    Where numbers have gaps, names stand there as they are.
    """
    groups: dict[tuple[str, ...], dict[tuple[int, ...], str]] = {}
    for name in names:
        groups.setdefault(tuple(NUMBER.split(name)), {})[*map(int, NUMBER.findall(name))] = name
    words = []
    for (first, *others), members in groups.items():
        bounds = [(min(column), max(column)) for column in zip(*members, strict=True)]
        if prod(high - low + 1 for low, high in bounds) != len(members):
            words += members.values()
            continue
        numbers = (f"{{{low}..{high}}}" if low < high else str(low) for low, high in bounds)
        words.append(first + "".join(n + part for n, part in zip(numbers, others, strict=True)))
    return " ".join(map(quote, words))


def expanded(words: Iterable[str]) -> list[str]:
    """Return the names that a step's words stand for, those of `ranges` and others that a person wrote."""
    names = []
    for word in words:
        first, *others = RANGE.split(word)
        counts = [range(int(low), int(high) + 1) for low, high in zip(others[::3], others[1::3], strict=True)]
        for numbers in product(*counts):
            names.append(first + "".join(f"{n}{part}" for n, part in zip(numbers, others[2::3], strict=True)))
    return names

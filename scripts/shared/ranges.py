"""Names of many files in few words: those that differ in their numbers alone, as a range that Bash expands.

A command is a single argument to Bash, and that may have no more than 128 kB: some three thousand names of files.
"""

import re
from collections.abc import Iterable
from math import prod
from shlex import quote

# As a folder or a part of a name between dots; of no more digits than Bash can count with.
NUMBER = re.compile(r"(?<=[/.])(?:0|[1-9][0-9]{0,17})(?=[/.])")


def ranges(names: Iterable[str]) -> str:
    """Return the words of a command that Bash expands to `names`, in some order: runs/{1..25}.{1..4}/history.csv.

    Where numbers have gaps, names stand there as they are.
    """
    groups: dict[tuple[str, ...], dict[tuple[int, ...], str]] = {}
    for name in names:
        groups.setdefault(tuple(NUMBER.split(name)), {})[*map(int, NUMBER.findall(name))] = name
    words = []
    for (first, *others), members in groups.items():
        bounds = [(min(column), max(column)) for column in zip(*members, strict=True)]
        if prod(high - low + 1 for low, high in bounds) != len(members):
            words += map(quote, members.values())
            continue
        numbers = (f"{{{low}..{high}}}" if low < high else str(low) for low, high in bounds)
        words.append(quote(first) + "".join(n + quote(part) for n, part in zip(numbers, others, strict=True)))
    return " ".join(words)

"""Numbers that the page works out from what a result file holds, by names, so that they can be checked like others.

A template asks for one by its name in place of a format; the pointer then names what it is worked out from.
"""

import math
from collections.abc import Callable

from scripts.verdicts.finding import HOLDS, REFUTED, SYMBOLS, UNDECIDED
from scripts.verdicts.printed import value


def late_level(values: list[dict]) -> float:
    """Return how far the stated values of the first part's later half lie above the replicas' medians, in the mean.

    values: those of a claim's evidence, named "train 0", "train 1" …, "test 0" …; 0.02 says 2 % above.
    """
    part = values[0]["name"].rpartition(" ")[0]
    first = [entry for entry in values if entry["name"].rpartition(" ")[0] == part]
    late = first[len(first) // 2 :]
    return math.exp(sum(math.log(value(one["stated"]) / one["median"]) for one in late) / len(late)) - 1


def up_to(row: dict) -> float:
    """Return the score that a set would have if all its undecided claims were right."""
    claims = sum(row["counts"].values())
    return row["score"] + row["open"] / claims


def called(row: dict) -> str:
    """Return the name of a set, and that of its file where it is another, since two may give the same name."""
    return row["name"] if row["name"] == row["set"] else f"\u2068{row['name']}\u2069 ({row['set']})"


def score(row: dict) -> str:
    """Return a set's score, and after it the one that it may become."""
    least, most = (f"{100 * share:.0f}" for share in (row["score"], up_to(row)))
    return f"{least}\u00a0%" if least == most else f"{least} to {most}\u00a0%"


def signs(verdicts: list[str]) -> str:
    """Return the signs of many verdicts."""
    return "".join(SYMBOLS[verdict] for verdict in verdicts)


def total(*verdicts: str) -> Callable[[dict], int]:
    """Return what adds up how often any of these verdicts was given, from counts by verdict."""
    return lambda counts: sum(counts.get(verdict, 0) for verdict in verdicts)


def furthest(route: str) -> Callable[[list[dict]], float]:
    """Return what finds, over the sizes of a derivation, how far a numerical route was off at most."""
    return lambda sizes: max(size["routes"][route]["off_by_at_most"] for size in sizes)


# name → what works it out, and the format of the result
DERIVED: dict[str, tuple[Callable, str]] = {
    "how many": (len, ""),
    "autograd": (furthest("autograd"), ".1e"),
    "central differences": (furthest("central differences"), ".1e"),
    "called": (called, "text"),
    "score": (score, "text"),
    "signs": (signs, "text"),
    "late level": (late_level, ".1%"),
    "late distance": (lambda values: abs(late_level(values)), ".1%"),
    "accepted": (total(*HOLDS), ""),
    "refuted": (total(REFUTED), ""),
    "left open": (total(UNDECIDED, "unreadable"), ""),
}

"""Numbers that the page works out from what a result file holds, by names, so that they can be checked like others.

A template asks for one by its name in place of a format; the pointer then names what it is worked out from.
"""

import math
from collections.abc import Callable

from scripts.verdicts.finding import DIGITS, DISTRIBUTION, EXACT, PROVED, REFUTED, UNDECIDED
from scripts.verdicts.printed import value

ACCEPTED = (PROVED, EXACT, DIGITS, DISTRIBUTION)


def late_training_level(figures: list[dict]) -> float:
    """Return how far the stated training losses of the later half lie above the replicas' medians, in the mean.

    figures: those of a table of losses, named "train 0", "train 1" …; 0.02 says 2 % above.
    """
    train = [figure for figure in figures if figure["name"].startswith("train ")]
    late = train[len(train) // 2 :]
    return math.exp(sum(math.log(value(one["stated"]) / one["median"]) for one in late) / len(late)) - 1


def up_to(row: dict) -> float:
    """Return the score that a set would have if all its undecided claims were right."""
    claims = sum(row["counts"].values())
    return row["score"] + row["open"] / claims


def total(*verdicts: str) -> Callable[[dict], int]:
    return lambda counts: sum(counts.get(verdict, 0) for verdict in verdicts)


# name → what works it out, and the format of the result
DERIVED: dict[str, tuple[Callable, str]] = {
    "how many": (len, ""),
    "up to": (up_to, ".1%"),
    "late training level": (late_training_level, ".1%"),
    "late training distance": (lambda figures: abs(late_training_level(figures)), ".1%"),
    "accepted": (total(*ACCEPTED), ""),
    "refuted": (total(REFUTED), ""),
    "left open": (total(UNDECIDED, "unreadable"), ""),
}

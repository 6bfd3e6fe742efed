"""The verdict ledger, arranged for the page."""

import re

from scripts.report.provenance import Sources
from scripts.verdicts.finding import (
    DIGITS,
    DISTRIBUTION,
    EXACT,
    LADDER,
    NOT_ANSWERED,
    PROVED,
    REFUTED,
    UNDECIDED,
    weakest,
)

SYMBOLS = {PROVED: "■", EXACT: "=", DIGITS: "≈", DISTRIBUTION: "∼", REFUTED: "✗", UNDECIDED: "?", NOT_ANSWERED: "–"}
MEANINGS = {
    PROVED: "holds for all inputs, by an identity or certificate and a second, independent route",
    EXACT: "equals the recomputed value in exact arithmetic; or, of a statement, every test of it comes out so",
    DIGITS: "equals it within half a unit of its last printed digit",
    DISTRIBUTION: "an ordinary draw from what the described procedure produces",
    REFUTED: "false, with a counterexample and a corrected answer",
    UNDECIDED: "the check could not decide; this says neither right nor wrong",
    NOT_ANSWERED: "nothing was stated",
}

ORDER = (
    "w_h",
    "b_h",
    "w_o",
    "b_o",
    "pre_activations",
    "activations",
    "f",
    "train",
    "number",
    "label",
    "loss",
    "correct",
)


class Ledger:
    """All claims of one set of answers; each knows the pointer to itself."""

    def __init__(self, sources: Sources, name: str):
        self.file = f"verdicts/{name}.json"
        content = sources.file(self.file)
        self.name = content["name"]
        self.counts = {verdict: content["counts"].get(verdict, 0) for verdict in LADDER}
        self.claims = [claim | {"pointer": f"{self.file}#claims.{i}"} for i, claim in enumerate(content["claims"])]

    def of(self, item: str) -> list[dict]:
        """Return the claims of one item of the problem set."""
        return [claim for claim in self.claims if claim["item"] == item]

    def items(self) -> list[dict]:
        """Return each item once, in order, with its claims."""
        names = dict.fromkeys(claim["item"] for claim in self.claims)
        return [{"id": name, "claims": (found := self.of(name)), "worst": worst(found)} for name in names]

    def claim(self, identity: str) -> dict:
        """Return the claim of that id; one without evidence if there is none."""
        empty = {"id": identity, "stated": None, "evidence": {}, "pointer": None}
        return next((claim for claim in self.claims if claim["id"] == identity), empty)


def worst(claims: list[dict]) -> str:
    """Return the verdict of an item from those of its claims; the least favourable one counts."""
    return weakest([claim["verdict"] for claim in claims])


def rows(claim: dict) -> list[dict]:
    """Set what was stated beside what was computed, part by part: [{part, stated: pointers, computed: pointers, how}].

    how: the format that gives computed figures the stated ones' decimals.
    """
    stated, computed = claim.get("stated"), claim.get("computed")
    parts = sorted(dict.fromkeys([*_parts(stated), *_parts(computed)]), key=_place)
    return [
        {
            "part": part,
            "stated": _pointers(claim, "stated", part),
            "computed": _pointers(claim, "computed", part),
            "how": _digits(stated.get(part) if isinstance(stated, dict) else stated),
        }
        for part in parts
    ]


def _digits(stated: object) -> str:
    first = next(iter(stated), "") if isinstance(stated, list) else stated
    if not isinstance(first, str) or not (match := re.fullmatch(r"-?\d+\.(\d+)( ?%)?", first)):
        return ""
    return f".{len(match[1])}{'%' if match[2] else 'f'}"


def _place(part: str) -> int:
    return ORDER.index(part) if part in ORDER else len(ORDER)


def _parts(content: object) -> list[str]:
    if isinstance(content, dict):
        return list(content)
    return [] if content is None else [""]


def _pointers(claim: dict, side: str, part: str) -> list[str]:
    content, pointer = claim[side], f"{claim['pointer']}.{side}"
    if isinstance(content, dict):
        content, pointer = content.get(part), f"{pointer}.{part}"
    elif part:
        return []
    if isinstance(content, list):
        return [f"{pointer}.{i}" for i in range(len(content))]
    return [] if content is None else [pointer]

"""The verdict ledger, arranged for the page."""

import re

from scripts.problem_set.read import FORMULA_KINDS
from scripts.report.page.provenance import Sources
from scripts.verdicts.finding import (
    DIGITS,
    DISTRIBUTION,
    EXACT,
    LADDER,
    NOT_ANSWERED,
    PROVED,
    REFUTED,
    SPECIFIED,
    UNDECIDED,
    weakest,
)
from scripts.verdicts.parts import in_words
from scripts.verdicts.recheck import SUMMARY

MEANINGS = {
    PROVED: "holds for arrays of every size and all inputs of the stated domain, by a normal form in index notation, "
    "an identity or a certificate; numerical routes are a second opinion",
    EXACT: "equals the recomputed value in exact arithmetic; or, of a statement, every test of it comes out so",
    DIGITS: "equals it within half a unit of its last printed digit",
    DISTRIBUTION: "not excluded as a draw from what the described procedure produces; more is not known",
    SPECIFIED: "equals what the source gives for its experiment; the run was set up by it, so nothing independent was "
    "recomputed",
    REFUTED: "false, or as a random value excluded, with what was found instead and a corrected answer",
    UNDECIDED: "could not be read or decided, neither right nor wrong: a person has to look at this",
    NOT_ANSWERED: "nothing was stated",
}

LONG = 300  # characters of an answer as it was read, beyond which it folds away
TYPESET = 2000  # characters of LaTeX, beyond which nobody would read it typeset
WORDS = re.compile(r"[^\s,;=()\[\]]+")

# The parts of a network, in the order in which values flow through it; others come in the order of their item.
NETWORK = ("w_h", "b_h", "w_o", "b_o", "pre_activations", "activations", "f")


class Ledger:
    """All claims of one set of answers; each knows the pointer to itself, and `spec`, what its item says of it."""

    def __init__(self, sources: Sources, name: str, specs: dict[str, dict] | None = None):
        self.file = f"verdicts/{name}.json"
        content, specs = sources.file(self.file), specs or {}
        self.name = content["name"]
        self.counts = {verdict: content["counts"].get(verdict, 0) for verdict in LADDER}
        self.claims = [
            claim
            | {"pointer": f"{self.file}#claims.{i}", "shows": as_read(claim), "spec": specs.get(claim["id"], {})}
            | {"compares": SUMMARY in claim["evidence"].get("recheck", "")}  # its program computes nothing again
            for i, claim in enumerate(content["claims"])
        ]

    def of(self, item: str) -> list[dict]:
        """Return the claims of one item of the problem set."""
        return [claim for claim in self.claims if claim["item"] == item]

    def items(self) -> list[dict]:
        """Return each item once, in order, with its claims."""
        names = dict.fromkeys(claim["item"] for claim in self.claims)
        return [{"id": name, "claims": (found := self.of(name)), "worst": worst(found)} for name in names]

    @property
    def open(self) -> list[dict]:
        """Return the claims that a person has to look at."""
        return [claim for claim in self.claims if claim["verdict"] == UNDECIDED]

    @property
    def unread(self) -> bool:
        """Tell whether the file of answers could not be read: then all claims are undecided for the same reason."""
        return is_unread(self.claims)

    @property
    def refuted(self) -> list[dict]:
        """Return the claims that are false."""
        return [claim for claim in self.claims if claim["verdict"] == REFUTED]

    def claim(self, identity: str) -> dict:
        """Return the claim of that id; one without evidence if there is none."""
        empty = {"id": identity, "stated": None, "evidence": {}, "pointer": None, "verdict": NOT_ANSWERED}
        return next((claim for claim in self.claims if claim["id"] == identity), empty)


def is_unread(claims: list[dict]) -> bool:
    """Tell whether nothing of a set could be read; see Ledger.unread."""
    found = {(claim["verdict"], claim["reason"], claim["stated"] is None) for claim in claims}
    return len(claims) > 0 and len(found) == 1 and found == {(UNDECIDED, claims[0]["reason"], True)}


def as_read(claim: dict) -> str:
    """Say how an answer as it was read is to be shown: "maths", "text", "folded" for a long one, "" for not at all.

    A formula is always shown. Values are, if they were read as anything else than what is stated; that a label's
    class is named, that brackets stand around a list or that parts are in another order is nothing else.
    """
    read = claim.get("read") or ""
    if not read or claim["stated"] is None:
        return ""
    if claim["kind"] in FORMULA_KINDS:
        return "maths" if len(read) <= TYPESET else "folded"
    if _bare(read) == _bare(claim["stated"]):
        return ""
    return "text" if len(read) <= LONG else "folded"


def _bare(answer: object) -> list[list[str]]:
    """Return an answer as its parts' words in order, without brackets, commas and the names of classes."""
    if isinstance(answer, dict):
        parts = [f"{name} = {_joined(part)}" for name, part in answer.items()]
    else:
        parts = _joined(answer).split("; ")
    return sorted([_same(word) for word in WORDS.findall(re.sub(r" \([^\W\d][^()]*\)$", "", part))] for part in parts)


def _joined(part: object) -> str:
    return ", ".join(map(_joined, part)) if isinstance(part, list) else str(part)


def _same(word: str) -> str:
    """Write an exponent in one way: 6.4e-06 is 6.4e-6."""
    return re.sub(r"(?<=\d)[eE]([+-]?)0*(?=\d)", lambda found: f"e{found[1].replace('+', '')}", word)


def worst(claims: list[dict]) -> str:
    """Return the verdict of an item from those of its claims; the least favourable one counts."""
    return weakest([claim["verdict"] for claim in claims])


def rows(claim: dict) -> list[dict]:
    """Set what was stated beside what was computed, part by part: [{part, stated: pointers, computed: pointers, how}].

    how: the format that gives computed values the stated ones' decimals, or more where these are wrong.
    """
    wrong = claim.get("verdict") == REFUTED
    stated, computed = claim.get("stated"), claim.get("computed")
    order = [*NETWORK, *in_order(claim.get("spec", {}))]
    parts = sorted(dict.fromkeys([*_parts(stated), *_parts(computed)]), key=lambda part: _place(part, order))
    return [
        {
            "part": part,
            "stated": _pointers(claim, "stated", part),
            "computed": _pointers(claim, "computed", part),
            "how": _digits(stated.get(part) if isinstance(stated, dict) else stated, wrong),
        }
        for part in parts
    ]


def _digits(stated: object, wrong: bool) -> str:
    first = next(iter(stated), "") if isinstance(stated, list) else stated
    if not isinstance(first, str) or not (match := re.fullmatch(r"-?\d+\.(\d+)( ?%)?", first)):
        return ".10g" if wrong else ""
    if wrong:
        return f".{len(match[1]) + 2}%" if match[2] else ".10g"
    return f".{len(match[1])}{'%' if match[2] else 'f'}"


def in_order(spec: dict) -> list[str]:
    """Return the parts that a claim asks for, in the order in which its item lists them."""
    columns = spec.get("ensemble", {}).get("columns", {})
    listed = next((spec[key] for key in ("parts", "asked", "computed") if key in spec), columns)
    return [] if isinstance(listed, str) else list(listed)


def part_words(part: str) -> str:
    """Return the name of a part as words: train_batches are training batches, W1 is W₁."""
    if re.fullmatch(r"[A-Za-z]\d", part):
        return part.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    return in_words(part) or "answer"


def _place(part: str, order: list[str]) -> int:
    return order.index(part) if part in order else len(order)


def _parts(content: object) -> list[str]:
    if _has_parts(content):
        return list(content)
    return [] if content is None else [""]


def _has_parts(content: object) -> bool:
    """Tell whether this is a mapping whose parts a pointer can name; names are foreign, and may be anything."""
    return isinstance(content, dict) and not any("." in name or name.endswith(":") for name in content)


def _pointers(claim: dict, side: str, part: str) -> list[str]:
    content, pointer = claim[side], f"{claim['pointer']}.{side}"
    if _has_parts(content):
        content, pointer = content.get(part), f"{pointer}.{part}"
    elif part:
        return []
    if isinstance(content, list):
        return [f"{pointer}.{i}" for i in range(len(content))]
    return [] if content is None else [pointer]

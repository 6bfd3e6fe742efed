"""What a checker hands back about one claim, and the ladder of verdicts."""

from dataclasses import dataclass, field

PROVED = "proved"  # holds for all inputs, by a normal form, an identity or a certificate
EXACT = "exact"  # equals the computed value in exact arithmetic
DIGITS = "to printed digits"  # equals it within half a unit of the last printed digit
DISTRIBUTION = "in distribution"  # not excluded as a draw from what the described procedure produces
SPECIFIED = "as specified"  # what the source itself gives of its experiment: nothing independent was recomputed
REFUTED = "refuted"  # false, with a counterexample and a correction
UNDECIDED = "undecided"  # the check could not decide; never shown as right or wrong
NOT_ANSWERED = "not answered"

# The ladder, from the highest rung down, and what each scores. A new rung is added here and nowhere else in this room.
# Undecided scores neither right nor wrong: a person has to look. It counts as asked, so that it never raises a score.
SCORES = {PROVED: 1, EXACT: 1, DIGITS: 1, DISTRIBUTION: 1, SPECIFIED: 1, REFUTED: 0, UNDECIDED: None, NOT_ANSWERED: 0}
LADDER = tuple(SCORES)
SYMBOLS = dict(zip(LADDER, "■=≈∼§✗?–", strict=True))  # where there is room for one sign
HOLDS = tuple(verdict for verdict in LADDER if SCORES[verdict])  # it is known that the claim does
# Of several parts, what does not hold comes before what does, and of that the lowest rung.
FIRST = (*(verdict for verdict in LADDER if verdict not in HOLDS), *reversed(HOLDS))


@dataclass
class Finding:
    """A verdict with its one-sentence reason, the computed counterpart of what was stated, and the evidence."""

    verdict: str
    reason: str
    computed: object = None
    corrected: str | None = None
    evidence: dict = field(default_factory=dict)
    read: str = ""  # the answer as it was read: LaTeX for formulas, plain text for values


class Malformed(Exception):
    """A stated answer that cannot be read as what its claim asks for; the text says why, in a few words."""


def weakest(verdicts: list[str]) -> str:
    """Return the verdict of a whole from those of its parts (at least one): one refuted part refutes it."""
    return min(verdicts, key=FIRST.index)

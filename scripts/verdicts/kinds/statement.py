"""Comments and conclusions, answered by yes or no, each turned into tests of computed figures that all have to hold.

spec: `tests`, a list of {value, is, bound, means}: the pointer to a figure, one of > < = >= <=, the bound (a number or
another pointer), and what the test means in words; `verdict`, the rung that a decision rests on; `corrected`, a right
answer to put in place of a wrong one, with {0} for the first test's figure; `why`, when no test can decide.
"""

import operator
import re

from scripts.verdicts import recheck
from scripts.verdicts.finding import REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.results import Results
from scripts.verdicts.written import plain, shown, unwrapped

YES = {"yes", "y", "yeah", "yep", "affirmative", "true", "t", "right", "correct", "agree", "certainly",
       "absolutely", "course", "hold", "holds", "indeed", "✓", "✔", "☑", "✅"}  # fmt: skip
NO = {"no", "n", "nope", "negative", "✗", "✘", "❌"}
FALSE = {"false", "f", "wrong", "incorrect", "disagree"}
VERBS = {"is", "are", "does", "do", "isn", "aren", "doesn", "don"}
PLAIN = {
    "i",
    "it",
    "that",
    "this",
    "they",
    "the",
    "these",
    "statement",
    "claim",
    "answer",
    "s",
    "of",
    "at",
    "all",
} | VERBS
AGAINST = {"yes": NO | FALSE | {"not", "never", "t", "only"}, "no": YES - {"t"}}  # words that take an answer back
DOUBT = {"but", "except", "unless", "however", "sometimes", "mostly", "almost", "maybe", "perhaps", "if"}
MORE = re.compile(r"[,.;:]? ?\b(because|since)\b|[,.;:(]|(?<= )-")  # what follows an answer: a reason, or more words
RELATIONS = {">": operator.gt, "<": operator.lt, "=": operator.eq, ">=": operator.ge, "<=": operator.le}


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    stated = read(stated)
    if "tests" not in spec:
        return Finding(UNDECIDED, spec["why"], read=stated)
    tests = [_run(test, results) for test in spec["tests"]]
    holds = all(test["holds"] for test in tests)
    right = holds == (stated == "yes")
    deciding = [test for test in tests if not test["holds"]] or tests
    reason = "; ".join(dict.fromkeys(_told(test) for test in deciding))
    answer = "yes" if holds else "no"
    return Finding(
        verdict=spec["verdict"] if right else REFUTED,
        reason=reason[0].upper() + reason[1:] + ".",
        computed=answer,
        corrected=None if right else spec.get("corrected", answer).format(*(test["shown"] for test in tests)),
        evidence={"tests": tests} | ({} if right else {"recheck": recheck.tests(stated, tests)}),
        read=stated,
    )


def read(stated: object) -> str:
    """Return "yes" or "no" for an answer of that meaning, which may be a short sentence, and a reason may follow it."""
    stated = stated[0] if isinstance(stated, list) and len(stated) == 1 else stated
    if not isinstance(stated, str):
        raise Malformed("several answers stand where yes or no belongs")
    text = unwrapped(plain(stated)).casefold()
    more = MORE.search(text)
    answer, rest = (text[: more.start()], text[more.end() :]) if more else (text, "")
    words, others = (re.findall(r"[^\W_]+|[✓✔☑✅✗✘❌]", part) for part in (answer, rest))
    found = _meaning(words) if 0 < len(words) < 8 else None
    taken_back = found and not (more and more[1]) and {*others} & (AGAINST[found] | DOUBT)
    if found is None or taken_back:
        raise Malformed(f"{shown(stated)} is neither yes nor no; write one of the two")
    return found


def _meaning(words: list[str]) -> str | None:
    """Tell what the words of a sentence come to; None if they go both ways, or if one of them is not known."""
    denied = "not" in words or ("t" in words and len(words) > 1)  # doesn't
    rest = set(words) - ({"not", "t"} if denied else set())
    verb = bool(rest & VERBS) and words[-1:] != ["it"]
    if not rest - PLAIN:  # "it does", "not"
        return ("no" if denied else "yes") if verb or (denied and not rest) else None
    if rest <= PLAIN | YES:
        return "no" if denied else "yes"
    return "no" if rest <= PLAIN | NO | (set() if denied else FALSE) and (verb or not denied) else None


def _told(test: dict) -> str:
    """Say a test's outcome: a figure after what it means; a yes-or-no as the sentence itself, or its denial."""
    if test["shown"] in ("yes", "no"):
        return ("" if test["shown"] == "yes" else "not so: ") + test["means"]
    return f"{test['means']}: {test['shown']}"


def _run(test: dict, results: Results) -> dict:
    value = results[test["value"]]
    told = ("yes" if value else "no") if isinstance(value, bool) else None
    bound = results[test["bound"]] if isinstance(test["bound"], str) else test["bound"]
    value, bound = (float(x) if isinstance(x, bool | int | float) else x for x in (value, bound))
    holds = bool(RELATIONS[test["is"]](value, bound))
    shown = told or (f"{value:.{4 if abs(value) < 1000 else 6}g}" if isinstance(value, float) else str(value))
    return {"means": test["means"], "value": value, "is": test["is"], "bound": bound, "holds": holds, "shown": shown}

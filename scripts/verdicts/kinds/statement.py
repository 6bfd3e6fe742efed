"""Comments and conclusions, answered by yes or no, each turned into tests of computed values that all have to hold.

spec: `tests`, a list of {value, is, bound, means}: the pointer to a value, one of > < = >= <=, the bound (a number or
another pointer), and what the test means in words; `verdict`, the rung that a decision rests on; `says`, what
words in a reason speak for and against it; `corrected`, a right answer to put in place of a wrong one, with {0} for the
first test's value; `shows: existence` where the tests are of an example, which proves what it shows and disproves
nothing; `why`, when it does not, or when no test can decide.
"""

import operator
import re
import unicodedata

from scripts.verdicts import recheck
from scripts.verdicts.finding import REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.results import Results
from scripts.verdicts.written import plain, shown, unwrapped

YES = r"yes|y|yeah|yep|affirmative|certainly|definitely|absolutely|of course|indeed|[✓✔☑✅]"
NO = r"no|n|nope|negative|not at all|no way|[✗✘❌]"
TRUE = r"true|t|right|correct|agreed?|so|the case|holds?(?: true)?"
FALSE = r"false|f|wrong|incorrect|untrue|impossible|dis-?agreed?"
SUBJECT = r"(?:i|it|that|this|they|these|(?:the|this) (?:statement|claim|answer|conclusion))"
VERB = r"(?:is|are|does|do|did)"
MARK = r"(?: [✓✔☑✅✗✘❌])?"
VERDICT = re.compile(  # "yes it does", "it isn't", "that's right", "the claim does not hold"
    rf"(?:(?P<yes>{YES})(?: {SUBJECT} {VERB}(?: indeed)?)?|(?P<no>{NO})(?: {SUBJECT} {VERB}(?:n't| not))?"
    rf"|(?P<subject>{SUBJECT} ?)?(?P<verb>'s|{VERB})?(?P<not>n't| ?\bnot)? ?(?:(?:indeed|really|certainly) ?)?"
    rf"(?:(?P<true>{TRUE})|(?P<false>{FALSE}))?(?P<denied>(?<= )no)?){MARK}"
)
HEAD = re.compile(rf"(?:yes|no|true|false)(?= (?:{SUBJECT}|the|there|both|all|[✓✔☑✅✗✘❌])\b)")  # no comma behind it
CLAUSE = re.compile(r" ?(?:[,;:.!](?= |$)|!|[()]|(?<= )-+(?= )) ?|\b(?:because|since|and|so|while|although|as) ")
STRANGE = re.compile(r"[?¬≠∄~≈]|\.\.|!(?=\w)")
OPEN = re.compile(  # words that leave an answer open
    r"\b(?:but|except|unless|however|sometimes|mostly|almost|maybe|perhaps|possibly|probably|if|hardly|barely|unlikely"
    r"|nah|nonsense|joking|kidding|doubt|unsure|guess)\b|^for (?!any|all|every|each|both)"
)
CONTRARY = re.compile(  # after yes
    r"\b(?:opposite|reverse|contrary|far from|nothing of|in no case)\b|^neither$|^only\b"
    r"|^not(?: really| quite| always| so)?$"
)
NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|neither|nor|nowhere|without|cannot|lacks?|fails?|impossible|only|just|merely|too"
    r"|against|avoids?|prevents?|excluded|free of)\b|n't\b"
)
RELATIONS = {">": operator.gt, "<": operator.lt, "=": operator.eq, ">=": operator.ge, "<=": operator.le}


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Read yes or no, run the tests, and say which of them decide."""
    stated = read(stated, spec.get("says"))
    if "tests" not in spec:
        return Finding(UNDECIDED, spec["why"], read=stated)
    tests = [_run(test, results) for test in spec["tests"]]
    holds = all(test["holds"] for test in tests)
    right = holds == (stated == "yes")
    deciding = [test for test in tests if not test["holds"]] or tests
    told: dict[str, list[str]] = {}  # what is told of a value, and by which bounds it is tested
    for test in deciding:
        told.setdefault(_told(test), []).extend(_bound(test))
    reason = "; ".join(f"{words} ({' and '.join(bounds)})" if bounds else words for words, bounds in told.items())
    if spec.get("shows") == "existence" and not holds:
        reason = f"The example that might show it does not, which decides nothing: {spec.get('why', reason)}."
        return Finding(UNDECIDED, reason, evidence={"tests": tests}, read=stated)
    answer = "yes" if holds else "no"
    return Finding(
        verdict=spec["verdict"] if right else REFUTED,
        reason=reason[0].upper() + reason[1:] + ".",
        computed=answer,
        corrected=None if right else spec.get("corrected", answer).format(*(test["shown"] for test in tests)),
        evidence={"tests": tests} | ({} if right else {"recheck": recheck.tests(stated, tests)}),
        read=stated,
    )


def read(stated: object, says: dict[str, str] | None = None) -> str:
    """Return "yes" or "no" for an answer of that meaning, which may be a short sentence, and reasons may follow it.

    says: patterns of words that speak {for, against} what is asked. The first words decide; a later sentence that comes
    to the contrary, or leaves it open, is Malformed, and so is one that cannot be told from such.
    """
    stated = stated[0] if isinstance(stated, list) and len(stated) == 1 else stated
    if not isinstance(stated, str):
        raise Malformed("several answers stand where yes or no belongs")
    text = unwrapped(plain(stated).strip("*_")).casefold()
    text = text if not (head := HEAD.match(text)) else f"{head[0]}, {text[head.end() :].strip()}"
    first, *others = [clause.strip() for clause in CLAUSE.split(text) if clause.strip()] or [""]
    found = _meaning(first)
    strange = STRANGE.search(text) or any(unicodedata.category(c) == "So" and c not in "✓✔☑✅✗✘❌" for c in text)
    if found is None or strange or any(_takes_back(clause, found, says or {}) for clause in others):
        raise Malformed(f"{shown(stated)} is neither yes nor no; write one of the two")
    return found


def _meaning(clause: str) -> str | None:
    """Tell what a sentence comes to that says no more than yes or no."""
    if not (said := VERDICT.fullmatch(clause)) or not (
        said["yes"] or said["no"] or said["true"] or said["false"] or (said["subject"] and said["verb"])
    ):
        return None
    if said["not"] and said["false"]:  # "not wrong"
        return None
    return "no" if said["no"] or said["not"] or said["false"] or said["denied"] else "yes"


def _takes_back(clause: str, found: str, says: dict[str, str]) -> bool:
    """Does a reason contradict the answer that it is given for, or might it?"""
    if OPEN.search(clause) or (found == "yes" and CONTRARY.search(clause)) or (_meaning(clause) or found) != found:
        return True
    sides = [side for side in ("for", "against") if side in says and re.search(rf"\b(?:{says[side]})", clause)]
    if not sides:
        return False
    negations = len(NEGATION.findall(clause))
    return len(sides) == 2 or negations > 1 or (sides == ["for"]) != ((found == "yes") != (negations == 1))


def _told(test: dict) -> str:
    """Say a test's outcome: a value after what it means; a yes-or-no as the sentence itself, or its denial."""
    if test["shown"] in ("yes", "no"):
        return ("" if test["shown"] == "yes" else "not so: ") + test["means"]
    return f"{test['means']}: {test['shown']}"


def _bound(test: dict) -> list[str]:
    """Say how a value has to compare with its bound, or that it does not; nothing of a yes-or-no."""
    if test["shown"] in ("yes", "no"):
        return []
    sign = {">=": "≥", "<=": "≤"}.get(test["is"], test["is"])
    bound = f"{test['bound']:g}" if isinstance(test["bound"], float) else str(test["bound"])
    return [f"{'' if test['holds'] else 'not '}{sign} {bound}"]


def _run(test: dict, results: Results) -> dict:
    value = results.known(test["value"])
    told = ("yes" if value else "no") if isinstance(value, bool) else None
    bound = results.known(test["bound"]) if isinstance(test["bound"], str) else test["bound"]
    value, bound = (float(x) if isinstance(x, bool | int | float) else x for x in (value, bound))
    holds = bool(RELATIONS[test["is"]](value, bound))
    shown = told or (f"{value:.{4 if abs(value) < 1000 else 6}g}" if isinstance(value, float) else str(value))
    return {"means": test["means"], "value": value, "is": test["is"], "bound": bound, "holds": holds, "shown": shown}

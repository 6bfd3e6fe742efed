"""Tables of matrix derivatives, right or wrong in print and memory: all decided, with no solution in the folder."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from scripts.problem_set.read import read_set
from scripts.verdicts.finding import PROVED, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import formula

FOLDER = Path(__file__).parents[2] / "problem_sets" / "matrix-derivatives"
# What is stated wrong, as it is printed or often misremembered, and words of the mistake.
WRONG = {
    "atxb-from-memory": "transposed",
    "xtax-from-memory": "symmetric",
    "quotient": "transpose is missing",
    "power-form": "X b aᵀ",
    "trace-axb-from-memory": "(AB)ᵀ",
    "trace-square-from-memory": "transposed",
    "trace-swap-from-memory": "cycles",
    "ridge-from-memory": "factor 2",
    "squared-hinge": "factor 2",
    "softmax-regression-from-memory": "wrong sign",
    "batch-variance": "division by n",
}
SOLUTIONS = {"answer", "solution", "formula", "truth", "latex", "corrected", "graded", "right"}  # keys of none


@pytest.fixture(scope="module")
def problem_set():
    return read_set(FOLDER)


@pytest.fixture(scope="module")
def findings(problem_set):
    """What is found of each stated answer, by claim."""
    document = yaml.safe_load((FOLDER / "answers" / "document.yaml").read_text(encoding="utf-8"))
    stated = {claim["id"]: claim["stated"] for claim in document["claims"]}
    assert stated.keys() == problem_set.claims.keys()
    found = {}
    for name, spec in problem_set.claims.items():
        try:
            found[name] = formula.judged(stated[name], spec)
        except Malformed as malformed:
            found[name] = Finding(UNDECIDED, f"it cannot be read: {malformed}")
    return found


def test_forty_identities_are_stated_and_few_stay_undecided(findings):
    counts = Counter(found.verdict for found in findings.values())
    assert len(findings) >= 40
    assert counts[UNDECIDED] <= 0.1 * len(findings), counts


def test_every_verdict_is_the_expected_one(findings):
    other = {
        name: f"{found.verdict}: {found.reason}"
        for name, found in findings.items()
        if found.verdict != (REFUTED if name in WRONG else PROVED)
    }
    assert not other


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_is_put_right_and_its_mistake_is_named(findings, name):
    assert WRONG[name] in findings[name].reason
    assert findings[name].corrected


def test_known_mistakes_are_wrong(problem_set):
    for name, spec in problem_set.claims.items():
        for mistake in spec.get("mistakes", {}):
            assert formula.judged(mistake, spec).verdict == REFUTED, (name, mistake)


def test_a_correction_is_right(problem_set, findings):
    for name in WRONG:
        assert formula.judged(findings[name].corrected, problem_set.claims[name]).verdict == PROVED, name


def test_the_folder_holds_no_solution():
    def keys(part):
        if isinstance(part, dict):
            yield from part
            part = part.values()
        for inner in part if not isinstance(part, str) else ():
            yield from keys(inner) if isinstance(inner, dict | list) else ()

    for path in [FOLDER / "set.yaml", *sorted((FOLDER / "items").glob("*.yaml"))]:
        assert not SOLUTIONS & set(keys(yaml.safe_load(path.read_text(encoding="utf-8")))), path
    assert {path.name for path in FOLDER.iterdir()} - {"blank.yaml"} == {"set.yaml", "items", "answers"}

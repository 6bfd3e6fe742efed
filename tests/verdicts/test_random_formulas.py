"""The oracle agrees with the engine, knows kinks, and measures any problem set, with formulas or without."""

from pathlib import Path

import numpy as np
import pytest

from scripts.formulas.problem import problem
from scripts.problem_set.read import ProblemSet
from scripts.verdicts.oracle import Oracle, as_written, python
from scripts.verdicts.random_formulas import measure, subjects

RIDGE = {
    "id": "ridge", "item": "a", "question": "1", "about": "a gradient", "kind": "derivative",
    "shapes": {"X": "n × d", "w": "d", "y": "n", "lambda": "scalar"}, "where": {"r": "X @ w - y"},
    "objective": "np.sum(r**2) + lambda*np.sum(w**2)", "variable": "w",
}  # fmt: skip
KINK = RIDGE | {"id": "kink", "objective": "np.sum(abs(r))", "shapes": {"X": "n × d", "w": "d", "y": "n"}}


def oracle(spec: dict, answer: str = "") -> Oracle:
    return Oracle(problem(spec["id"], spec), answer)


@pytest.mark.parametrize(
    ("spec", "stated", "right"),
    [
        (RIDGE, "2*X.T @ r + 2*lambda*w", True),
        (RIDGE, "2*X.T @ (X @ w - y) + lambda*w", False),
        (RIDGE, "2*X.T @ r + 2*lambda*w*(n - 2)*(n - 3)/(n - 2)/(n - 3)", True),
        (RIDGE, "2*X.T @ r + 2*lambda*w**2/w", False),  # undefined where w is 0
        (RIDGE, r"\frac{1}{2}", False),
        (RIDGE, "2*X.T @ r + 2*mu*w", False),
        (KINK, "X.T @ sign(r)", True),
        (KINK, "X.T @ (r/abs(r))", True),  # at a kink nothing is asked for
        (KINK, "X.T @ r", False),
        (KINK | {"kind": "identity", "expression": "np.sum(abs(r))"}, "np.sum(sqrt(r**2))", True),
        (KINK | {"kind": "identity", "expression": "np.sum(abs(r))"}, "np.sum(r**2/abs(r))", False),
        (RIDGE | {"layout": "either"}, "(2*X.T @ r + 2*lambda*w)[None, :]", True),
    ],
)
def test_what_holds(spec, stated, right):
    assert oracle(spec).holds(python(stated)) == right
    assert as_written(python(stated)) == stated


def test_a_minimiser_is_checked_not_believed():
    spec = RIDGE | {
        "kind": "minimiser",
        "objective": "np.sum((X - w)**2)",
        "shapes": {"X": "n × d", "w": "d"},
        "where": {},
    }
    assert oracle(spec, "sum(X)/n").holds("mean(X)") and not oracle(spec, "sum(X)/n").holds("sum(X)")
    assert not oracle(spec, "sum(X)/(n + 1)").points


def test_what_is_known_of_names_holds_at_every_point():
    spec = RIDGE | {
        "shapes": {"A": "n × n", "p": "n", "y": "1 × n", "x": "n"}, "where": {}, "variable": "x",
        "objective": "np.sum(x * log(p)) + x @ A @ x + np.sum(y * x)", "positive": ["p"], "symmetric": ["A"],
        "sums_to_one": ["y"],
    }  # fmt: skip
    points = oracle(spec).points
    assert len(points) == 4
    for names, _ in points:
        assert (names["p"] > 0).all() and (names["A"] == names["A"].T).all() and names["y"].sum() == pytest.approx(1)
    assert any(set(np.unique(names["y"])) == {0, 1} for names, _ in points)


def test_any_problem_set_is_measured():
    graded = [{"claim": "ridge", "truth": "right", "stated": "2*X.T @ r + 2*lambda*w", "why": ""}]
    small = ProblemSet(Path("small"), claims={"ridge": RIDGE}, graded=graded)
    assert graded[0]["stated"] in map(as_written, subjects(small)[0].starts)
    found = measure(small, 40, 40)
    assert [found[truth]["tried"] for truth in ("wrong", "right")] == [40, 40]
    assert found["right"]["verdicts"]["proved"] >= 36
    assert [counts["misjudged"] for counts in found.values()] == [[], []]
    nothing = {"tried": 0, "verdicts": {}, "misjudged": []}
    assert measure(ProblemSet(Path("none")), 9, 9) == {"wrong": nothing, "right": nothing}

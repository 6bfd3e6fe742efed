"""The judge of formulas, from outside: nothing wrong is proved, nothing right refuted, whatever is stated ends quickly.

The random formulas and their oracle are those of scripts.verdicts.random_formulas, in small numbers.
"""

import json
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from time import process_time

import mpmath
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project import ROOT

from scripts.formulas.problem import problem
from scripts.problem_set.read import read_set
from scripts.verdicts import recheck_formula
from scripts.verdicts.finding import PROVED, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import formula
from scripts.verdicts.limits import TimeLimit, time_limit
from scripts.verdicts.random_formulas import candidates, measure, mistake, subjects

TABLES = Path(__file__).parents[1] / "formulas"
DEEP, TABLE = (read_set(ROOT / "problem_sets" / name) for name in ("deep-learning", "matrix-derivatives"))
CLAIMS = {name: spec for name, spec in DEEP.claims.items() if name in DEEP.formulas}
LONGEST = 40  # lines of a re-check program
SECONDS = 4  # twice what an answer may take, for a slow machine
# Runs programs given as JSON, as `python3 -I` would run each of them; prints their exit codes.
ALL = """
import contextlib, io, json, sys
codes = []
for text in json.load(sys.stdin):
    try:
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
            exec(compile(text, "recheck.py", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        codes.append(int(end.code or 0))
    except Exception as error:
        codes.append(repr(error))
print(json.dumps(codes))
"""


def table(name: str) -> list[tuple[str, str]]:
    blocks = yaml.safe_load((TABLES / name).read_text(encoding="utf-8"))
    return [(claim, line) for claim, block in blocks.items() for line in block.strip().splitlines()]


def judge(claim: str | dict, stated: str) -> Finding | str:
    try:
        with time_limit(SECONDS):
            return formula.judged(stated, CLAIMS[claim] if isinstance(claim, str) else claim)
    except Malformed as why:
        assert "\n" not in str(why) and len(str(why)) < 300
        return "unreadable"


def verdict(claim: str | dict, stated: str) -> str:
    found = judge(claim, stated)
    return found if isinstance(found, str) else found.verdict


def exits(programs: list[str]) -> list:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALL], input=json.dumps(programs), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_right_answers_are_proved():
    verdicts = {(claim, stated): verdict(claim, stated) for claim, stated in table("right.yaml")}
    assert len(verdicts) > 600 and {claim for claim, _ in verdicts} == CLAIMS.keys()
    assert [case for case, found in verdicts.items() if found != PROVED] == []


def test_wrong_answers_are_not_proved_and_their_refutations_can_be_rechecked():
    found = {(claim, stated): judge(claim, stated) for claim, stated in table("wrong.yaml")}
    refuted = {case: f for case, f in found.items() if not isinstance(f, str) and f.verdict == REFUTED}
    others = {case: f if isinstance(f, str) else f.verdict for case, f in found.items() if case not in refuted}
    assert {case: v for case, v in others.items() if v not in (UNDECIDED, "unreadable")} == {}
    assert len(refuted) > 0.5 * len(found)
    assert max(len(f.evidence["recheck"].splitlines()) for f in refuted.values()) <= LONGEST
    codes = exits([f.evidence["recheck"] for f in refuted.values()])
    assert {case: code for case, code in zip(refuted, codes, strict=True) if code} == {}


@pytest.mark.parametrize("stated", ["np.mean(x)", "x.mean()", "1/n * x.sum()"])
def test_a_sum_over_all_entries_that_was_meant_over_rows_is_asked_back(stated):
    with pytest.raises(Malformed, match="axis=0"):
        formula.judged(stated, CLAIMS["p1b-minimiser"])
    assert verdict("p1b-gradient", "2*np.sum(x - mu)") == REFUTED  # wrong either way


@pytest.mark.parametrize(
    ("claim", "stated", "named"),
    [("p1a", "x", "factor 2 is missing"), ("p2a", "mean(abs(Y - X @ W))", "differs"), ("p1a", "-2*x", "wrong sign")],
)
def test_a_mistake_is_named_only_if_it_is_one_at_every_size(claim, stated, named):
    """A missing n looks like a missing 2 where n happens to be 2."""
    assert named in judge(claim, stated).reason


def test_random_mistakes_are_refuted_with_a_program():
    programs = {}
    for subject, text, right in islice(candidates(subjects(DEEP), mistake, 11, 4000), 400):
        found = judge(subject.spec, text)
        if isinstance(found, str):
            continue
        assert found.verdict != PROVED or right, text
        if found.verdict == REFUTED:
            programs[subject.spec["id"], text] = found.evidence["recheck"]
    assert len(programs) > 150
    assert {case: code for case, code in zip(programs, exits([*programs.values()]), strict=True) if code} == {}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_program_does_not_refute_what_is_right(name):
    asked = problem(name, CLAIMS[name])
    with mpmath.workdps(formula.DIGITS):
        point = next(formula._points(asked, random.Random(1), frozenset(asked.shapes)))
        gap = formula.Gap(point, point.right, point.right, "")
        assert exits([recheck_formula.formula(asked, asked.trees["answer"], gap)]) == [1]


def test_random_formulas_are_judged_as_the_oracle_says():
    found = measure(DEEP, 120, 120, seed=5)
    assert [row for counts in found.values() for row in counts["misjudged"]] == []
    assert found["right"]["verdicts"].get(PROVED, 0) >= 0.9 * found["right"]["tried"]


def test_known_mistakes_are_refuted_by_their_names_with_a_program():
    programs = {}
    for name, spec in (DEEP.formulas | TABLE.formulas).items():
        for wrong, why in spec.get("mistakes", {}).items():
            found = judge(spec, wrong)
            assert not isinstance(found, str) and found.verdict == REFUTED, (name, wrong)
            assert found.evidence["mistake"] == why, (name, wrong)
            programs[name, wrong] = found.evidence["recheck"]
    assert len(programs) > 80
    assert {case: code for case, code in zip(programs, exits([*programs.values()]), strict=True) if code} == {}


MARGIN = {"id": "p", "kind": "derivative", "shapes": {"X": "n × d", "y": "n", "w": "d"}, "variable": "w"}
HINGE = MARGIN | {"objective": "sum(max(0, 1 - y*(X @ w)))"}
SQUARE = {"id": "p", "kind": "derivative", "shapes": {"x": "n", "a": "n"}, "variable": "x"}
BILINEAR = {
    "id": "p", "kind": "derivative", "shapes": {"A": "n × m", "x": "m", "y": "n"}, "variable": "A",
    "objective": "y @ A @ x", "layout": "transposed",
}  # fmt: skip
IDENTITY = {"id": "p", "kind": "identity", "shapes": {"x": "n", "y": "n"}}
RIDGE = {"X": "n × d", "y": "n", "w": "d", "lambda": "scalar"}


def test_shapes_of_mistakes_count():
    shapes = {"shapes": {"x": "n × 1", "a": "n × 1"}, "objective": "x.T @ x"}
    mistakes = {"2*x.T": "a row", "x": "no factor", "x.T": "neither"}
    assert formula.mistakes_faults(problem("p", SQUARE | shapes | {"mistakes": mistakes})) == []
    assert len(formula.mistakes_faults(problem("p", SQUARE | shapes | {"mistakes": mistakes, "layout": "either"}))) == 2


def test_mistakes_that_are_right_or_the_same_are_told():
    mistakes = {"2*x": "one", "x + x": "two", "x": "three", "x*1": "four", "y": "five", "log(x)": "six"}
    asked = problem("p", SQUARE | {"objective": "sum(x**2)", "mistakes": mistakes})
    told = [fault.removeprefix("mistakes: ") for fault in formula.mistakes_faults(asked)]
    assert told[0].startswith("y: 'y' is not among the names given")
    assert told[1:] == [
        "2*x: it is right",
        "x + x: it is right",
        "2*x and x + x are the same",
        "x and x*1 are the same",
    ]


@pytest.mark.parametrize(
    ("spec", "stated", "expected"),
    [
        (HINGE, "-X.T @ (y*(1 + sign(1 - y*(X @ w)))/2)", PROVED),  # a kink
        (HINGE, "-X.T @ y", REFUTED),
        (MARGIN | {"objective": "sum(max(0, 1 - y*(X @ w))**2)"}, "-2*X.T @ (y*max(0, 1 - y*(X @ w)))", PROVED),
        (SQUARE | {"objective": "norm(x - a)"}, "(x - a)/norm(x - a)", PROVED),  # undefined where the truth is
        (SQUARE | {"objective": "norm(x - a)"}, "(x - a)*norm(x - a)/sum((x - a)**2)", PROVED),
        (SQUARE | {"objective": "sum(x**2)"}, "2*x**2/x", REFUTED),
        (SQUARE | {"objective": "sum(x*log(x/a))", "positive": ["x", "a"]}, "log(x) - log(a) + 1", PROVED),
        (SQUARE | {"objective": "sum(x*log(x/a))"}, "log(x/a) + 1", PROVED),
        (SQUARE | {"objective": "sum(abs(x))", "positive": ["x"]}, "x/x", PROVED),
        (SQUARE | {"objective": "a @ x", "layout": "transposed"}, "a^T", PROVED),
        (SQUARE | {"objective": "a @ x", "layout": "either"}, "a^T", PROVED),
        (SQUARE | {"objective": "a.T @ x", "shapes": {"x": "n × 1", "a": "n × 1"}}, "a^T", REFUTED),
        (
            {"id": "p", "kind": "derivative", "shapes": {"A": "m × n", "B": "n × m"}, "variable": "A",
             "objective": "trace(A @ B)", "layout": "transposed"}, "B", PROVED,
        ),
        (
            {"id": "p", "kind": "derivative", "shapes": {"A": "n × n", "x": "n"}, "variable": "A",
             "objective": "x @ (A @ A @ x)", "layout": "transposed"},
            "outer(x, A @ x) + outer(A.T @ x, x)", REFUTED,  # of a square matrix the layout shows in no shape
        ),
        (
            {"id": "p", "kind": "derivative", "shapes": RIDGE, "variable": "w",
             "objective": "sum((X @ w - y)**2) + lambda*sum(w**2)"}, r"2X^T(Xw - y) + \lambda w", REFUTED,
        ),
        (HINGE, "-X.T @ (y*(1 + (1 - y*(X @ w))/abs(1 - y*(X @ w))))/2", PROVED),
        (SQUARE | {"objective": "sum(abs(x - a))"}, "(x - a)/abs(x - a)", PROVED),
        (SQUARE | {"objective": "sum(x*abs(x))"}, "2*x**2/abs(x)", REFUTED),  # no kink: its derivative is 0 at 0
        (SQUARE | {"objective": "sum(relu(x)**2)"}, "2*relu(x)*x/abs(x)", REFUTED),
        (SQUARE | {"objective": "sum(sign(a)*x)"}, "a/abs(a)", UNDECIDED),
        (IDENTITY | {"expression": "abs(x - 1)"}, "(x - 1)**2/abs(x - 1)", REFUTED),
        (IDENTITY | {"expression": "abs(x - 1)"}, "(x - 1)/sign(x - 1)", REFUTED),
        (IDENTITY | {"expression": "sign(x - 1)"}, "(x - 1)/abs(x - 1)", REFUTED),
        (IDENTITY | {"expression": "relu(x - y)"}, "(x - y)*(1 + (x - y)/abs(x - y))/2", REFUTED),
        (IDENTITY | {"expression": "relu(x - y)"}, "(x - y + abs(y - x))/2", PROVED),
        (SQUARE | {"objective": "exp(exp(x @ x))"}, "2*x*exp(x @ x)*exp(exp(x @ x))", PROVED),
        (SQUARE | {"objective": "x @ abs(a)", "positive": ["a"], "sums_to_one": ["a"]}, "a", PROVED),
        (BILINEAR, r"\frac{\partial L}{\partial A_{ij}} = y_i x_j", PROVED),
        (BILINEAR, "(dL/dA)_ij = x_i y_j", PROVED),
        (BILINEAR | {"shapes": {"A": "n × n", "y": "n", "x": "n"}}, "dL/dA_ij = x_i y_j", REFUTED),
        (SQUARE | {"shapes": {"lam": "n"}, "variable": "lam", "objective": "lam @ lam"},
         r"\frac{\partial L}{\partial \lambda} = 2\lambda", PROVED),
        (SQUARE | {"objective": "sum(log(abs(x)))"}, "1/x", PROVED),
        (IDENTITY | {"expression": "1/x"}, "sign(x)/abs(x)", PROVED),
        (IDENTITY | {"expression": "x"}, "np.ravel(1 * np.ones((1, 1)))", REFUTED),
        ({"id": "p", "kind": "identity", "shapes": {"A": "m × n", "B": "n × m"}, "expression": "trace(A @ B)"},
         "trace(B @ A)", PROVED),
        ({"id": "p", "kind": "identity", "shapes": {"A": "m × n", "B": "n × m"}, "expression": "(A @ B).T"},
         "A.T @ B.T", REFUTED),
        ({"id": "p", "kind": "identity", "shapes": {"A": "n × n", "B": "n × n"}, "expression": "(A @ B).T"},
         "A.T @ B.T", REFUTED),
    ],
)  # fmt: skip
def test_conventions_and_domains(spec, stated, expected):
    found = judge(spec, stated)
    assert not isinstance(found, str), found
    assert found.verdict == expected, found.reason
    if expected == REFUTED:
        assert exits([found.evidence["recheck"]]) == [0]


def test_what_the_engine_cannot_derive_is_undecided():
    spec = {"id": "p", "kind": "minimiser", "shapes": {"x": "n", "m": "scalar"}, "variable": "m"}
    found = judge(spec | {"objective": "sum((x - m)**4)"}, "mean(x)")
    assert found.verdict == UNDECIDED and "it is found where the objective is a quadratic" in found.reason


def test_what_the_engine_cannot_prove_refutes_nothing(monkeypatch):
    spec = {"id": "p", "kind": "derivative", "shapes": {"x": "n", "y": "n"}, "variable": "x", "objective": "x @ y**3"}
    monkeypatch.setattr("scripts.formulas.answer._is_proved", lambda *_: False)
    found = formula.judged("2*y**3", spec)
    assert found.verdict == UNDECIDED and "differs from what the engine derives and cannot prove" in found.reason
    assert formula.judged("np.sum(y)", spec).verdict == REFUTED  # its shape
    monkeypatch.setattr(formula, "_far", lambda *_: True)  # the engine's answer is wrong
    assert formula.judged("y**3", spec).verdict == PROVED


def test_a_name_may_be_a_word_of_python_or_of_the_program():
    names = ("lambda", "D", "T", "each", "rows", "objective", "stated", "h", "in")
    shapes = dict.fromkeys(names, "scalar")
    spec = {"id": "p", "kind": "derivative", "shapes": shapes, "variable": "h", "objective": "*".join((*names, "h"))}
    found = judge(spec, "*".join(names))
    assert found.evidence["mistake"] == "the factor 2 is missing" and exits([found.evidence["recheck"]]) == [0]


CHARACTERS = st.sampled_from([*map(chr, range(32, 127)), *"²·ΣμŷᵀΔ⊙‖√′∂∇₁ᵢ\0\u202e\u200b２٢\u0302"])
NAMES = (
    "x X W Y mu y yhat u s f df a z1 W3 du3 n d 2 0 1e-9 12345678901234567890 axis=0 [:,None] max( softmax( abs( sign("
)
SIGNS = "+ - * / @ ** ^ ( ) [ ] { } | ‖ , . = _i _j _{ij} .T ᵀ ² ⁻¹ ' ∇ ∂ … e^ Σ_i Σ sum( np.sum( exp( log( sqrt("
LATEX = r"\frac{ \sum_{i=1}^n \left( \right) \begin{pmatrix} \end{pmatrix} \\ \dots \bar \hat{ \text{ \mathbf"
PIECES = st.sampled_from(f"{NAMES} {SIGNS} {LATEX}".split())
TEXTS = st.one_of(
    st.text(CHARACTERS, max_size=500),
    st.lists(PIECES, max_size=60).map("".join),
    st.lists(PIECES, max_size=40).map(" ".join),
    st.builds(lambda piece, count: piece * count, PIECES, st.integers(1, 250)),
)


@given(st.sampled_from(sorted(CLAIMS)), TEXTS)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_whatever_is_stated_ends_in_a_verdict(claim, text):
    start = process_time()
    try:
        with time_limit(SECONDS):
            formula.judged(text[:500], CLAIMS[claim])
    except (Malformed, TimeLimit):
        pass
    assert process_time() - start < SECONDS


@pytest.mark.parametrize("seed", range(3))
def test_intricate_formulas_end(seed):
    """Right formulas with something intricate added, which agree everywhere and so reach the proof."""
    draw = random.Random(seed)

    def tree(depth: int) -> str:
        if depth == 0 or draw.random() < 0.1:
            return draw.choice(["u2", "z2", "(du3 @ W3.T)", "n2", "2"])
        if draw.random() < 0.5:
            return f"({tree(depth - 1)} {draw.choice('+-*/')} {tree(depth - 1)})"
        if draw.random() < 0.3:
            return f"({tree(depth - 1)})**{draw.choice(['2', '3', '-1', '(1/2)', '(-1/2)', '6', '-6'])}"
        return f"{draw.choice(['exp', 'log', 'sqrt', 'abs', 'sign', 'tanh', 'sum', 'np.sum'])}({tree(depth - 1)})"

    for _ in range(40):
        start = process_time()
        verdict("m5-du3", f"yhat - y + 1e-60*np.sum({tree(draw.randint(2, 6))})"[:500])
        assert process_time() - start < SECONDS


def test_an_answer_costs_little():
    plain = {"p2b": "X.T @ sign(X @ W - Y)", "m5-du3": "yhat - y", "m5-du2": "(du3 @ W3.T) * ds(u2)", "p1a": "2*x"}
    stated = [(claim, f"{text} + {k} - {k}") for claim, text in plain.items() for k in range(1, 6)]
    assert {verdict(*case) for case in stated[:1]} == {PROVED}
    start = process_time()
    assert {verdict(*case) for case in stated} == {PROVED}
    assert (process_time() - start) / len(stated) < 0.25

"""The re-check programs: run with the standard library alone, they confirm what is true and deny what is not."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in import KNOWN, stand_in

from scripts.relu.network import Network
from scripts.verdicts import recheck
from scripts.verdicts.judge import judge_claim
from scripts.verdicts.results import Results
from scripts.verdicts.statistics import count_test, rank_test, student_test

LONGEST = 40  # lines

ZIGZAG = [(Fraction(x), Fraction(abs(x))) for x in (-2, 0, 2)]
RIGHT = {"hidden_weights": ["-1", "1"], "hidden_biases": ["0", "0"], "output_weights": ["1", "1"], "output_bias": "0"}
FITTING = Network((Fraction(-1), Fraction(1)), (Fraction(0),) * 2, (Fraction(1),) * 2, Fraction(0))
HALF = Network((Fraction(1),), (Fraction(0),), (Fraction(1),), Fraction(0))
VALUE = {"stated": "2.30", "computed": "2.3735", "from": "2295/1000", "to": "2305/1000"}
TESTS = [{"means": "wrong images", "value": 12, "is": "=", "bound": 0}]
REPLICAS = np.random.default_rng(0).normal([1.0, 50.0, 3.0], [0.1, 5.0, 0.0], (99, 3))

CASES = {
    "network": (recheck.network(HALF, RIGHT, ZIGZAG), recheck.network(FITTING, RIGHT, ZIGZAG)),
    "value": (recheck.value("loss", VALUE), recheck.value("loss", VALUE | {"computed": "2.3"})),
    "matches": (
        recheck.matches(["2", "7", "8"], ["2", "7", "5"], Fraction(3), Fraction(3)),
        recheck.matches(["2", "7", "8"], ["2", "7", "5"], Fraction(2), Fraction(3)),
    ),
    "tests": (recheck.tests("yes", TESTS), recheck.tests("no", TESTS)),
    "ranks": (
        recheck.ranks(REPLICAS, np.array([1.0, 90.0, 3.0]), 0.01),
        recheck.ranks(REPLICAS, np.array([1.0, 50.0, 3.0]), 0.01),
    ),
    "student": (
        recheck.student("test 0", REPLICAS[:9, 0], 2.0, 96, 0.01),
        recheck.student("test 0", REPLICAS[:9, 0], 1.05, 96, 0.01),
    ),
    "facts": (recheck.facts([("true label", 7, 8)]), recheck.facts([("true label", 8, 8)])),
}


def run(program: str, folder) -> subprocess.CompletedProcess:
    """Run a program with neither site packages nor this project in reach."""
    (folder / "recheck.py").write_text(program, encoding="utf-8")
    return subprocess.run([sys.executable, "-I", "-S", "recheck.py"], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("case", CASES)
def test_confirms_the_false_and_denies_the_true(case, tmp_path):
    for program, status in zip(CASES[case], (0, 1), strict=True):
        done = run(program, tmp_path)
        assert done.stderr == ""
        assert done.returncode == status, done.stdout
        assert len(done.stdout.splitlines()) == 1
        assert len(program.splitlines()) <= LONGEST


def test_student_is_scipys():
    """The program's integral of the tail gives the p-value of the engine's own test."""
    values, row = REPLICAS[:9, :1], np.array([1.4])
    p = student_test(np.vstack([values, row])).p
    program = recheck.student("x", values[:, 0], row[0], 2, p * 1.001)
    assert subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True).returncode == 0
    program = recheck.student("x", values[:, 0], row[0], 2, p * 0.999)
    assert subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True).returncode == 1


def test_ranks_are_the_engines():
    row = np.array([1.25, 52.0, 3.0])
    p = rank_test(np.vstack([REPLICAS, row])).p
    done = subprocess.run([sys.executable, "-I", "-S", "-c", recheck.ranks(REPLICAS, row, 0.01)], capture_output=True)
    assert f"p = {p:.3g}" in done.stdout.decode()


def test_counts_are_the_engines():
    replicas = [28, 29, 30, 27, 28, 31, 26, 29, 28]
    for stated in (28, 20, 3):
        p = count_test(np.array(replicas), 32, stated).p
        program = recheck.counts(replicas, stated, 32, p * 1.001)
        assert subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True).returncode == 0
        program = recheck.counts(replicas, stated, 32, p * 0.999)
        assert subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True).returncode == 1


@pytest.mark.parametrize(
    ("claim", "formula"),
    [
        ("p1a", "x**3/3"),
        ("p1b-gradient", "-2*(x - mu)"),
        ("p1b-minimiser", "sum(x)"),
        ("p2a", "sum((Y - X @ W)**2)"),
        ("p2b", "X.T @ sign(Y - X @ W)"),
        ("p3b", "-2*sum(y - f)"),
        ("m2-sigmoid", "1 - s"),
        ("m5-du1", "du2 @ W2.T"),
        ("m5-dW3", "du3.T @ z2"),
    ],
)
def test_formulas(derived, tmp_path, claim, formula):
    finding = judge_claim({"stated": formula}, KNOWN[claim], derived, 0.01)
    assert finding.verdict == "refuted"
    program = finding.evidence["recheck"]
    done = run(program, tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert len(program.splitlines()) <= LONGEST
    # With the derivative in place of the stated formula, there is nothing left to refute.
    sound = program.replace(
        "refuted = ", "stated = derivative\nrefuted = " if "derivative" in program else "stated = right\nrefuted = "
    )
    assert run(sound, tmp_path).returncode == 1


ALL = """
import pathlib
for file in pathlib.Path.cwd().glob("*.txt"):
    try:
        exec(compile(file.read_text(encoding="utf-8"), file.name, "exec"), {"__name__": "__main__"})
    except SystemExit as ended:
        assert not ended.code, file.read_text(encoding="utf-8")
    else:
        raise AssertionError("it did not say how it ended")
"""


def run_all(results: Results, kinds: set[str], folder: Path) -> int:
    """Run the program of every refutation of the listed wrong answers, and return how many there are."""
    answers = yaml.load(Path(__file__).with_name("wrong_values.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    programs = set()
    for name, stated in ((name, stated) for name, many in answers.items() for stated in many):
        if KNOWN[name]["kind"] in kinds:
            finding = judge_claim({"stated": stated}, KNOWN[name], results, 0.01)
            if finding.verdict == "refuted":
                programs.add(finding.evidence["recheck"])
    assert max(len(program.splitlines()) for program in programs) <= LONGEST
    for number, program in enumerate(programs):
        (folder / f"{number}.txt").write_text(program, encoding="utf-8")
    done = run(ALL, folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return len(programs)


def test_every_wrong_value_can_be_checked_again(tmp_path):
    assert run_all(stand_in(), {"value", "agreement", "fit", "pass", "statement"}, tmp_path) > 100


@pytest.mark.real
def test_every_wrong_draw_can_be_checked_again(real_results, tmp_path):
    assert run_all(Results(real_results), {"distribution", "sample"}, tmp_path) > 10


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[st.fractions(-100, 100)] * 3), min_size=1, max_size=64), st.fractions(-9, 9))
def test_every_wrong_network_can_be_checked_again(units, bias):
    parts = zip(("w_h", "b_h", "w_o"), ([str(x) for x in column] for column in zip(*units, strict=True)), strict=True)
    finding = judge_claim({"stated": dict(parts) | {"b_o": str(bias)}}, KNOWN["p3a-1"], stand_in(), 0.01)
    if finding.verdict == "refuted":
        command = [sys.executable, "-I", "-S", "-c", finding.evidence["recheck"]]
        assert subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.real
def test_every_refuted_claim_offers_one(real_results, tmp_path):
    refuted = [c for c in Results(real_results)["verdicts/document.json#claims"] if c["verdict"] == "refuted"]
    assert refuted
    for claim in refuted:
        assert run(claim["evidence"]["recheck"], tmp_path).returncode == 0, claim["id"]


def test_a_program_that_compares_typed_numbers_is_called_a_summary():
    computes = {name for name, (program, _) in CASES.items() if program.startswith('"""Re-check')}
    assert computes.isdisjoint({"value", "tests", "facts"}) and {"network", "matches", "ranks", "formula"} & computes
    assert all(program.startswith(f'"""{recheck.SUMMARY}') for program, _ in (CASES["value"], CASES["tests"]))

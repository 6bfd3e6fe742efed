"""The typeset form, which the page shows as what was read, is a notation too: read again, it is the same formula."""

import random
from itertools import islice
from pathlib import Path

import mpmath
import numpy as np
import pytest
import yaml

from scripts.formulas.evaluate import MPMATH, Undefined, evaluate
from scripts.formulas.problem import PROBLEMS
from scripts.formulas.read import read, read_answer
from scripts.formulas.tree import Unreadable, squeezed
from scripts.formulas.typeset import latex
from scripts.verdicts.judge import catalogue
from scripts.verdicts.random_formulas import candidates, mistake, rewriting

TABLE = yaml.safe_load((Path(__file__).parent / "right.yaml").read_text(encoding="utf-8"))
LENGTHS = {"n": 3, "d": 2, "p": 4, "n0": 2, "n1": 3, "n2": 4, "n3": 5}


def point(problem):
    draw = random.Random(problem.id)
    return problem.complete(problem.arrays(LENGTHS, lambda *_: mpmath.mpf(draw.randint(1, 40)) / 16), LENGTHS, MPMATH)


POINTS = {name: point(problem) for name, problem in PROBLEMS.items() if problem.axes <= LENGTHS.keys()}


def assert_same(problem, node, again, text):
    assert squeezed(again.shape) == squeezed(node.shape), text
    try:
        values = [evaluate(tree, POINTS[problem.id], LENGTHS, MPMATH) for tree in (node, again)]
    except (Undefined, ZeroDivisionError, Unreadable):
        return
    one, other = (np.array(np.broadcast_to(v, np.shape(v)), dtype=object).ravel() for v in values)
    assert all(abs(a - b) <= 1e-12 * (1 + abs(a)) for a, b in zip(one, other, strict=True)), text


@pytest.mark.parametrize("claim", TABLE)
def test_right_answers_read_back(claim):
    spec = catalogue()[claim]
    problem = PROBLEMS[spec["problem"]]
    for line in TABLE[claim].strip().splitlines():
        for node in read_answer(line, problem.vocabulary, spec.get("of") or problem.asked, problem.wrt)[0]:
            if "einsum" not in line:
                assert_same(problem, node, read(latex(node), problem.vocabulary)[0], f"{line} → {latex(node)}")


@pytest.mark.parametrize("change", [mistake, rewriting])
def test_random_formulas_read_back(change):
    tried = 0
    for problem, _, text, _ in islice(candidates(change, 3), 250):
        try:
            (node,) = read(text, problem.vocabulary)
        except Unreadable:
            continue
        assert_same(problem, node, read(latex(node), problem.vocabulary)[0], f"{text} → {latex(node)}")
        tried += 1
    assert tried > 100

"""The typeset form, which the page shows as what was read, is a notation too: read again, it is the same formula."""

# ruff: noqa: E501
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from scripts.formulas.gradient import gradient
from scripts.formulas.problem import problem
from scripts.formulas.read import read, read_answer
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node
from scripts.formulas.typeset import latex, name
from scripts.problem_set.read import read_set
from tests.formulas.test_code import FORMULAS, SHAPES
from tests.formulas.test_gradient import CASES, arrays, value, words

SETS = [read_set(folder) for folder in sorted(Path("problem_sets").iterdir()) if (folder / "set.yaml").exists()]
TABLE = yaml.safe_load((Path(__file__).parent / "right.yaml").read_text(encoding="utf-8"))
UNTOLD = "max("  # over which axis a maximum runs is not said


def check(node: Node, vocabulary: Vocabulary):
    """Typeset, read again and compare, at two points."""
    text = latex(node)
    (again,) = read(text, vocabulary)
    for seed in (0, 1):
        lengths, names = arrays(vocabulary, np.random.default_rng(seed))
        right = value(node, names, lengths).squeeze()
        np.testing.assert_allclose(value(again, names, lengths).squeeze(), right, rtol=1e-11, atol=1e-11, err_msg=text)


@pytest.mark.parametrize("text", [text for text in FORMULAS if UNTOLD not in text])
def test_formulas(text):
    (node,) = read(text, words(SHAPES))
    check(node, replace(words(SHAPES), shape=node.shape))


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_objectives_and_gradients(case):
    text, variable, shapes, *sums = case.split("; ")
    vocabulary = words(shapes)
    (objective,) = read(text, vocabulary, "objective")
    check(objective, vocabulary)
    check(
        gradient(objective, variable, sums),
        Vocabulary(vocabulary.names, vocabulary.axes, shape=vocabulary.names[variable]),
    )


@pytest.mark.parametrize("problem_set", SETS, ids=lambda problem_set: problem_set.name)
def test_answers_of_the_engine(problem_set):
    for claim, spec in problem_set.formulas.items():
        asked = problem(claim, spec)
        check(asked.shown, Vocabulary(asked.names, asked.axes, shape=asked.answer_shape))


@pytest.mark.parametrize("claim", TABLE)
def test_right_answers(claim):
    (spec,) = (found.formulas[claim] for found in SETS if claim in found.formulas)
    asked = problem(claim, spec)
    for line in TABLE[claim].strip().splitlines():
        for node in read_answer(
            line, asked.vocabulary, "objective" if asked.asked == "expression" else asked.asked, asked.wrt
        )[0]:
            if "einsum" not in line:
                check(
                    node,
                    Vocabulary(asked.names, asked.axes, applied=asked.vocabulary.applied, shape=asked.answer_shape),
                )


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("W3", "W_{3}"), ("yhat", r"\hat y"), ("lam", r"\lambda"), ("lambda", r"\lambda"), ("Phi", r"\Phi"), ("xbar", r"\bar x"),
        ("muhat", r"\hat \mu"), ("beta0", r"\beta_{0}"), ("du3", "du_{3}"), ("loss", r"\mathrm{loss}"), ("n0", "n_{0}"), ("x", "x"),
    ],
)  # fmt: skip
def test_names(word, shown):
    assert name(word) == shown
    if word[-1] not in "0":
        vocabulary = Vocabulary({word: ("n",)}, frozenset("n"))
        assert read(shown, vocabulary)[0].data == word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("np.sum((A @ x - y)**2)", r"\lVert A x - y \rVert^{2}"),
        ("np.sum(B**2)", r"\lVert B \rVert_F^{2}"),
        ("np.sum(abs(x))", r"\lVert x \rVert_1"),
        ("sum(B - w)", r"\sum_{i=1}^{n} (B_{i} - w)"),
        ("-np.sum(x*log(y))", r"-\sum_{i=1}^{n} x_{i} \log(y_{i})"),
        ("np.sum(log(1 + exp(-x*(A@y))))", r"\sum_{i=1}^{n} \log(1 + \exp(-x_{i} (A y)_{i}))"),
        ("x[:, None] @ y[None, :]", r"x y^\top"),
        ("np.eye(n) + c*A", r"\mathbf{I} + c A"),
        ("x @ A @ y * y", r"(x^\top A y) y"),
        ("2*x/n", r"\frac{2 x}{n}"),
        ("sigmoid(A @ x)", r"\sigma(A x)"),
        ("diag(A)", r"\operatorname{diag}(A)"),
        ("np.sum(B*(A@B))", r"\sum_{i=1}^{n} \sum_{j=1}^{d} B_{i,j} (A B)_{i,j}"),
    ],
)
def test_as_printed(text, shown):
    vocabulary = words(SHAPES)
    found = latex(read(text, vocabulary)[0]).replace(r"\left", "").replace(r"\right", "").replace(r"\, ", "")
    assert found == shown


def test_two_columns_are_multiplied_entry_by_entry():
    (node,) = read("x[:, None]*x[:, None]", words(SHAPES))
    assert r"\otimes" not in latex(node)
    check(node, replace(words(SHAPES), shape=node.shape))

"""Formulas as people write them: many notations, one meaning; what is ambiguous or no formula is refused."""

# ruff: noqa: E501
from dataclasses import replace
from pathlib import Path

import mpmath
import numpy as np
import pytest
import yaml

from scripts.formulas.evaluate import MPMATH, Undefined, evaluate
from scripts.formulas.read import read, read_answer
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Unreadable
from tests.formulas import test_gradient

SHAPES = {
    "x": ("d",), "X": ("n", "d"), "W": ("d", 1), "Y": ("n", 1), "yhat": ("n", 1), "mu": ("d",), "du3": (1, "k"),
    "W3": ("m", "k"), "z2": (1, "m"), "u2": (1, "m"), "f": ("n",), "df": ("n", "p"), "S": ("n", "n"),
}  # fmt: skip
WORDS = Vocabulary(SHAPES, frozenset("ndkmp"), {"y": "Y"}, frozenset({"f", "df"}), {"du2": "du2 is asked for"})
LENGTHS = {"n": 3, "d": 2, "k": 5, "m": 4, "p": 2}
PRINTED = yaml.safe_load((Path(__file__).parent / "printed.yaml").read_text(encoding="utf-8"))
LOSSES = frozenset({"L", "J", "f", "loss", "ell"})


def value(text: str) -> np.ndarray:
    draw = np.random.default_rng(1)
    names = {}
    for name, axes in SHAPES.items():
        array = draw.integers(-9, 9, [LENGTHS.get(axis, axis) for axis in axes]) / 4
        names[name] = np.frompyfunc(mpmath.mpf, 1, 1)(array)
    (tree,) = read(text, WORDS)
    return np.array(evaluate(tree, names, LENGTHS, MPMATH), dtype=float)


@pytest.mark.parametrize(
    ("plain", "forms"),
    [
        ("2*x", ["2x", "2 x", "2·x", r"2\cdot x", "x*2", "2 * x.", "$2x$", r"\(2\,x\)", r"2\mathbf{x}", "∇f = 2x",
                 r"\nabla f(x) = 2x", "(2x)", "[2x]", "{2}x", "2.0x", "+2x", "--2x", r"\frac{4}{2}x", r"\frac42 x",
                 "df/dx = 2x", r"\frac{\partial f}{\partial x} = 2x", "2x_i", "2 x_{j}", "2xᵢ", "grad f = 2x"]),
        ("X.T @ sign(X @ W - Y)", [
            r"X^\top \operatorname{sign}(XW - Y)", "Xᵀ sign(XW − Y)", "X^T sgn(XW-Y)", r"X^{\top}\mathrm{sign}\left(XW-Y\right)",
            "X.T.dot(np.sign(X.dot(W) - Y))", "np.matmul(X.T, np.sign(X@W - y))", "X.transpose() @ sign(X@W-Y)",
            r"X^{\mathsf{T}} \text{sign}(X W - y)", "X⊤ sign(X·W − Y)", "X^T @ torch.sign(X @ W - Y)"]),
        ("sum(X - mu)", ["Σᵢ (Xᵢ − μ)", r"\sum_i (X_i - \mu)", r"\sum_{i=1}^n (X_i - \mu)", "Σ (X_i - mu)", "∑_i (X_i − µ)",
                         "np.sum(X - mu, axis=0)", "(X - mu).sum(axis=0)", "(X-mu).sum(0)", r"\sum\limits_{i=1}^{n}(X_i-\mu)"]),
        ("sum(X)/n", [r"\frac{1}{n}\sum_i X_i", r"\frac1n \sum_{i=1}^{n} X_i", "1/n Σ Xᵢ", "1/nΣXᵢ", "mean(X)", "X̄",
                      r"\bar{X}", "np.mean(X, axis=0)", "X.mean(0)", "sum(X)/len(X)", "sum(X)/X.shape[0]", "(1/n) sum(X)"]),
        ("(du3 @ W3.T) * sigmoid(u2) * (1 - sigmoid(u2))", [
            "(du₃ W₃ᵀ) ⊙ s′(u₂)", "(du₃ W₃ᵀ)·s′(u₂)", r"\left(du_3 W_3^\top\right) \odot \sigma'(u_2)", "du3 @ W3.T * ds(u2)",
            "(du_{3}W_{3}^{T}) ∘ s'(u_{2})"]),
        ("sum(abs(Y - yhat))", ["Σ|yᵢ − ŷᵢ|", r"\sum_i \lvert y_i - \hat y_i \rvert", r"\lVert Y - \hat{Y} \rVert_1".replace("{Y}", "{y}"),
                                "‖Y − ŷ‖₁", "np.abs(Y - yhat).sum()", "||Y - y_hat||_1", r"\sum_{i=1}^n \left| y_i - \hat{y}_i \right|"]),
        ("-2*(Y.T - f) @ df", ["-2 (Yᵀ - fᵀ) df"]),
        ("sum(f * X.T, axis=1)", ["Σᵢ f(xᵢ, θ) Xᵢ", r"\sum_i f(x_i, \theta) X_i", "X^T f", r"\sum_i f_\theta(x_i) X_i"]),
        ("sum(x**2)", ["‖x‖²", r"\lVert x \rVert_2^2", "x^T x", "xᵀx", r"\|x\|^2", "np.linalg.norm(x)**2", "x @ x", r"x^\top x",
                       "||x||_2^2", "np.dot(x, x)"]),
        ("exp(-x)", ["e^{-x}", r"\exp(-x)", "e^(-x)", "np.exp(-x)", r"e^{-\mathbf{x}}", "1/exp(x)"]),
    ],
)  # fmt: skip
def test_notations_of_one_formula(plain, forms):
    expected = value(plain).squeeze()
    for form in forms:
        np.testing.assert_allclose(value(form).squeeze(), expected, rtol=1e-14, err_msg=form)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x x", "write which"),
        ("x·x", "write @ or ⊙"),
        ("S·S", "write @ or ⊙"),
        ("1/2x", "put brackets"),
        ("2,5 x", "two things"),
        ("Σ X_i W_j", "which index"),
        ("x_i X_{jk}", "bound by no sum"),
        ("sum_i x", "nothing after the sum has the index i"),
        ("Σ_i x_i + x_i", "i has two meanings"),
        ("Σ_n n X_n", "n has two meanings"),
        ("x2", "write which"),
        ("x^2^3", "put brackets"),
        ("e^x^2", "put brackets"),
        ("sign X W", "put brackets"),
        ("x[0]", "not with square brackets"),
        ("2dx", "not among"),
        ("S^{-1}", "inverse"),
        ("du2", "du2 is asked for"),
        ("w", "'w' is not among the names given"),
        ("X @ Y", "n×d and n×1 do not fit"),
        ("2*", "breaks off"),
        ("(x", "breaks off"),
        ("x)", "cannot follow"),
        ("", "no formula"),
    ],
)
def test_what_is_asked_back(text, why):
    with pytest.raises(Unreadable, match=why) as refusal:
        read(text, WORDS)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch canary')", "x.__class__.__mro__", "().__class__", "(lambda: 1)()",
        "[y for y in x]", "x if 1 else 2", "x; x", "f'{x}'", "'x'*9", "x[0]", "eval(x)", "exec(x)", "open(x)",
        "sum(x, x)", "sum(x=x)", "sum(*x)", "x**x", "x**1000000", "((((x**6)**6)**6)**6)", "9**9**9", "1e99999999*x",
        "True*x", "1j*x", "x" + "+x" * 300, "(" * 300 + "x" + ")" * 300, "-" * 400 + "x", "x and x", "x < 2",
        "x // 2", "x % 2", "\0", "\\input{/etc/passwd}", "\\def\\x{\\x\\x}\\x", "{" * 200 + "x" + "}" * 200, "\\frac" * 80,
        "x.T" + ".T" * 200, "np.os.system(x)", "np.load(x)", "x.dump(x)", "x" * 499, "_" * 400, "^" * 400, "|" * 399,
        "Σ" * 300 + "x", "\\sum_{i=1}^{999999999} x_i", "exp(" * 100 + "x" + ")" * 100, "\u202ex2", "x\u200b\u200b²\u0300",
    ],
)  # fmt: skip
def test_refused(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable) as refusal:
        value(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400
    assert list(tmp_path.iterdir()) == []


def test_numbers_are_exact():
    (tree,) = read("1.9999999999999999999*x", WORDS)
    assert str(tree.args[0].data) == "19999999999999999999/10000000000000000000"


@pytest.mark.parametrize("text", ["x/0", "log(0*x)", "x/(x - x)", "sqrt(-1 - x**2)", "1/exp(log(0*x))"])
def test_undefined(text):
    with pytest.raises(Undefined):
        value(text)


def says(line: str, case: dict) -> list[bool]:
    """Return, for each member of a printed equation, whether it equals the answer, and for each equation that is claimed
    besides whether its sides agree."""
    shapes = test_gradient.words(case["shapes"])
    variable = case["variable"]
    vocabulary = replace(shapes, by=frozenset({variable}), called=LOSSES, shape=shapes.names[variable])
    (answer,) = read(case["formula"], shapes)
    members, claims = read_answer(line, vocabulary, "derivative", variable)
    known = {"objective": read(case["objective"], shapes)[0]} if "objective" in case else {}
    claimed = [(known.get(name, name) if isinstance(name, str) else name, node) for name, node in claims]
    pairs = [(member, answer) for member in members] + [pair for pair in claimed if isinstance(pair[0], Node)]
    return [all(same(one, other, shapes, seed) for seed in (0, 1)) for one, other in pairs]


def same(one: Node, other: Node, shapes: Vocabulary, seed: int) -> bool:
    lengths, names = test_gradient.arrays(shapes, np.random.default_rng(seed))
    # Logarithms are taken of p and q alone, and delta bounds; all other arrays have entries of both signs.
    names = {
        name: array * (1 if name in ("p", "q", "delta") else np.random.default_rng(seed).choice([-1, 1], array.shape))
        for name, array in names.items()
    }
    left, right = (
        np.broadcast_to(test_gradient.value(node, names, lengths), [lengths.get(axis, axis) for axis in node.shape])
        for node in (one, other)
    )
    left, right = left.squeeze(), right.squeeze()
    return left.shape == right.shape and np.allclose(left, right, rtol=1e-9)


@pytest.mark.parametrize("case", PRINTED, ids=lambda case: f"{case['variable']}: {case['formula']}")
def test_as_printed(case):
    for line in case["right"].strip().splitlines():
        assert all(says(line, case)), line


@pytest.mark.parametrize("case", PRINTED, ids=lambda case: f"{case['variable']}: {case['formula']}")
def test_wrong_by_one_thing(case):
    for line in case["wrong"].strip().splitlines():
        try:
            assert not all(says(line, case)), line
        except Unreadable as refusal:
            assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (r"\mathbf{1}[x > 0]", "comparison"), ("1{x > 0} y", "comparison"), (r"\mathbb{1}_{x \geq 0}", "index"),
        ("1 y^T", "the vector of ones"), ("I", "how long is the identity"), (r"\mathbf{1}", "how long is the vector"),
        ("X_i - x", "bound by no sum"), ("(S ⊙ S) S ⊙ S S", "put brackets"), ("np.where(x, x, x)", "no function 'where'"),
        ("np.sigmod(x)", "did you mean sigmoid"), ("a_i", "not among the names given: .*; lengths: "), ("S^2", "A @ A"),
        ("np.linalg.norm(S, 1)", "largest column sum"), ("np.linalg.norm(u2, ord=1)", "largest column sum"),
        ("scipy.special.softmax(X)", "over all entries"), ("X.ravel()", "cannot be used"), ("X.max()", "over one axis"),
        ("np.inner(X, S)", "do not fit"), ("s_i + S_i", "not among"), ("det(S)", "not among"), ("S^{-1} x", "inverse"), ("max(X, W)", "do not fit"),
    ],
)  # fmt: skip
def test_what_is_asked_back_in_tables(text, why):
    with pytest.raises(Unreadable, match=why):
        read(text, WORDS)


def test_what_numpy_says_is_meant():
    assert read("np.inner(Y, Y)", WORDS) == read("Y @ Y.T", WORDS)
    assert np.array_equal(value("np.linalg.norm(Y, 1)"), value("np.sum(abs(Y))"))
    assert read("scipy.special.softmax(X, axis=1)", WORDS) == read("softmax(X)", WORDS)


def test_sum_or_matrix():
    words = replace(WORDS, names={**WORDS.names, "Sigma": ("d", "d")})
    assert read(r"\Sigma x", words)[0].op == "matmul"
    with pytest.raises(Unreadable, match="a sum or the matrix"):
        read("Σ x", words)

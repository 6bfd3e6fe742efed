"""The gradient in arrays equals central differences at random points and sizes, and reads as a textbook prints it."""

# ruff: noqa: E501
import re

import numpy as np
import pytest

from scripts.formulas.code import numpy_text
from scripts.formulas.evaluate import Arithmetic, evaluate
from scripts.formulas.gradient import folded, gradient, simplified
from scripts.formulas.indices import TooHard
from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node
from scripts.formulas.typeset import latex

STEP, CLOSE = 1e-5, 1e-6  # of central differences in float64


def floats(function):
    return lambda x: function(np.asarray(x, dtype=float))


NUMPY = Arithmetic(
    np.float64, *map(floats, (np.exp, np.log, np.abs, np.sign)), lambda x, p: np.asarray(x, dtype=float) ** float(p)
)
# objective; variable; shapes; what sums to 1
CASES = """
a @ x; x; a:n x:n
x @ a; x; a:n x:n
a^T X b; X; a:n X:n×d b:d
a^T X^T b; X; a:d X:n×d b:n
a @ X @ b; a; a:n X:n×d b:d
a @ X @ b; b; a:n X:n×d b:d
x^T A x; x; A:n×n x:n
x^T A x; A; A:n×n x:n
(A x - b)^T W (A x - b); x; A:n×d x:d b:n W:n×n
b^T X^T X c; X; b:d c:d X:n×d
(B x + b)^T C (D x + d0); x; B:n×k b:n C:n×m D:m×k d0:m x:k
tr(X); X; X:n×n
tr(A X B); X; A:p×n X:n×d B:d×p
tr(A X^T B); X; A:p×d X:n×d B:n×p
tr(X^T B X); X; X:n×d B:n×n
tr(X @ X); X; X:n×n
tr(A X B X^T C); X; A:p×n X:n×d B:d×d C:n×p
tr(X)**2; X; X:n×n
tr(X X^T); X; X:n×d
tr(A X X^T B); X; X:n×d A:p×n B:n×p
norm(x - a); x; x:n a:n
norm(X)**2; X; X:n×d
‖X‖_F; X; X:n×d
np.sum((X@w-y)**2); w; X:n×d w:d y:n
np.sum((y - X@w)**2); w; X:n×d w:d y:n
np.sum(v*(X@w-y)**2); w; X:n×d w:d y:n v:n
(X w - y)^T diag(v) (X w - y); w; X:n×d w:d y:n v:n
np.sum((X@w-y)**2) + lam * np.sum(w**2); w; X:n×d w:d y:n lam:
np.sum((X@w-y)**2) + lam * np.sum(w**2); lam; X:n×d w:d y:n lam:
1/2 ‖X w - y‖^2 + lam/2 ‖w‖^2; w; X:n×d w:d y:n lam:
np.sum((X@w + b - y)**2)/n; b; X:n×d w:d y:n b:
np.sum((X@w + b - y)**2)/n; w; X:n×d w:d y:n b:
np.sum(log(1 + exp(-y * (X@w)))); w; X:n×d w:d y:n
-np.sum(y*log(sigmoid(X@w)) + (1-y)*log(1 - sigmoid(X@w))); w; X:n×d w:d y:n
np.sum(log(1 + exp(X@w)) - y*(X@w)); w; X:n×d w:d y:n
-np.sum(Y * log(softmax(X@W)))/n; W; X:n×d W:d×k Y:n×k; Y
-np.sum(Y * log(softmax(X@W + b)))/n; b; X:n×d W:d×k Y:n×k b:k; Y
-np.sum(Y * log(softmax(X@W))); W; X:n×d W:d×k Y:n×k
-np.sum(y * log(softmax(u))); u; u:k y:k; y
-np.sum(y * log(softmax(u))); u; u:1×k y:1×k; y
np.sum(y * softmax(u)); u; u:k y:k
log(np.sum(exp(u))); u; u:k
np.sum(0.5*(X@w - y)**2 - 0.5*relu(abs(X@w-y) - delta)**2); w; X:n×d w:d y:n delta:
np.sum(relu(1 - y*(X@w))**2); w; X:n×d w:d y:n
np.sum(relu(1 - y*(X@w))); w; X:n×d w:d y:n
np.sum(abs(X@w - y)); w; X:n×d w:d y:n
np.sum(abs(w)); w; w:d
np.sum(G*(X@W + b)); W; X:n×d W:d×k b:k G:n×k
np.sum(G*(X@W + b)); b; X:n×d W:d×k b:k G:n×k
np.sum(G*(X@W + b)); X; X:n×d W:d×k b:k G:n×k
np.sum(G*relu(X@W + b)); W; X:n×d W:d×k b:k G:n×k
np.sum(G*tanh(X@W)); X; X:n×d W:d×k G:n×k
np.sum(g * mean(X)); X; X:n×d g:d
np.sum((x - np.mean(x))**2)/n; x; x:n
np.sum((X - mean(X))**2); X; X:n×d
np.sum(g * (sum((X - mean(X))**2)/n)); X; X:n×d g:d
np.sum(G * (softmax(Q @ K.T / sqrt(d)) @ V)); Q; Q:n×d K:m×d V:m×v G:n×v
np.sum(G * (softmax(Q @ K.T / sqrt(d)) @ V)); K; Q:n×d K:m×d V:m×v G:n×v
np.sum(G * (softmax(Q @ K.T / sqrt(d)) @ V)); V; Q:n×d K:m×d V:m×v G:n×v
x^T A x / (x^T x); x; A:n×n x:n
a^T x / norm(x); x; a:n x:n
np.sum((X - mu)**2); mu; X:n×d mu:d
np.sum(X @ w); X; X:n×d w:d
np.sum(x); x; x:n
np.sum(X); X; X:n×d
np.sum(X**3); X; X:n×d
exp(-x^T x/2); x; x:n
log(sigmoid(w^T x)); w; w:n x:n
tanh(w^T x); w; w:n x:n
np.sum(abs(X@W-Y)); W; X:n×d W:d×1 Y:n×1
np.sum((y - f - df @ delta)**2); delta; y:n f:n df:n×p delta:p
sum(sigmoid(u)); u; u:1
np.sum(x * log(x)); x; x:n
np.sum(x*log(x/q)); x; x:n q:n
tr(A diag(x)); x; A:n×n x:n
a^T diag(x) b; x; a:n x:n b:n
tr(diag(x) A diag(x) B); x; A:n×n B:n×n x:n
np.sum(abs(X X^T - A) * abs(X X^T - A)); X; X:n×d A:n×n
np.sum(abs(A - U V^T)**2); U; A:n×m U:n×k V:m×k
np.sum(abs(A - U V^T)**2); V; A:n×m U:n×k V:m×k
sigmoid(sigmoid(a@W1+b1)@W2+b2)@W3; W1; a:p W1:p×n b1:n W2:n×m b2:m W3:m
np.sum(w[:,None]*(X - mu)**2); X; X:n×d w:n mu:d
np.sum(w[:,None]*(X - mu)**2); mu; X:n×d w:n mu:d
np.sum(log(w[:,None] + mu)); w; w:n mu:d
np.sum(1/(w[:,None] + mu)); mu; w:n mu:d
np.sum(X / np.sum(X,axis=1,keepdims=True) * G); X; X:n×d G:n×d
np.sum(max(0, X - a)**2); X; X:n×d a:
(np.sum(x**2))**(3/2); x; x:n
1 / (1 + x^T x); x; x:n
np.sum(sqrt(1 + (X w - y)**2)); w; X:n×d w:d y:n
x^T x; x; x:n
2 w^T x; w; w:n x:n
tr(A^T X); X; A:n×d X:n×d
tr((X A)^T (X A)); X; A:d×k X:n×d
"""


def words(shapes: str) -> Vocabulary:
    """Return a vocabulary from "X:n×d lam:"."""
    names = {}
    for pair in shapes.split():
        name, _, axes = pair.partition(":")
        names[name] = tuple(1 if axis == "1" else axis for axis in axes.split("×") if axis)
    return Vocabulary(names, frozenset(axis for axes in names.values() for axis in axes if axis != 1))


def arrays(vocabulary: Vocabulary, rng: np.random.Generator) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    lengths = {axis: int(rng.integers(1, 5)) for axis in sorted(vocabulary.axes)}
    draw = {
        name: np.asarray(rng.uniform(0.1, 2, [lengths.get(axis, axis) for axis in axes]))
        for name, axes in vocabulary.names.items()
    }
    return lengths, draw


def value(node: Node, names, lengths) -> np.ndarray:
    return np.array(evaluate(node, names, lengths, NUMPY), dtype=float)


def differences(objective: Node, variable: str, names, lengths) -> np.ndarray:
    result = np.empty(names[variable].shape)
    for place in np.ndindex(result.shape):
        low, high = (np.array(names[variable]) for _ in range(2))
        low[place] -= STEP
        high[place] += STEP
        low, high = (value(objective, names | {variable: moved}, lengths).sum() for moved in (low, high))
        result[place] = (high - low) / (2 * STEP)
    return result


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_against_differences(case):
    text, variable, shapes, *sums = case.split("; ")
    vocabulary = words(shapes)
    (objective,) = read(text, vocabulary, "objective")
    found = gradient(objective, variable, sums)
    assert found.shape == vocabulary.names[variable]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        lengths, names = arrays(vocabulary, rng)
        if "log(x" not in text and "/ np.sum" not in text and "log(w[" not in text:
            names = {name: array * np.asarray(rng.choice([-1, 1], array.shape)) for name, array in names.items()}
        for name in sums:
            names[name] = np.exp(names[name]) / np.exp(names[name]).sum(axis=-1, keepdims=True)
        right = differences(objective, variable, names, lengths)
        mine = np.broadcast_to(value(found, names, lengths), right.shape)
        np.testing.assert_allclose(mine, right, rtol=CLOSE, atol=CLOSE, err_msg=latex(found))


SHAPES = words("A:n×n B:n×n C:n×n S:n×n X:n×d W:d×k Y:n×k G:n×k x:n a:n b:n w:d y:n r:n g:d mu:d beta:k lam: delta:")


@pytest.mark.parametrize(
    ("objective", "variable", "shown"),
    [
        ("x^T A x", "x", r"(A + A^\top) x"),
        ("x^T S x", "x", r"2 S x"),
        ("tr(A x x^T)", "x", r"(A + A^\top) x"),
        ("a^T X w", "X", r"a w^\top"),
        ("w^T X^T X g", "X", r"X (g w^\top + w g^\top)"),
        ("tr(A)", "A", r"\mathbf{I}"),
        ("tr(A @ B @ A.T @ C)", "A", r"C^\top A B^\top + C A B"),
        ("norm(x - a)", "x", r"\frac{x - a}{\lVert x - a \rVert}"),
        ("np.sum((x - a)**2)", "x", r"2 (x - a)"),
        ("np.sum((y - X @ w)**2) + lam*np.sum(w**2)", "w", r"2 X^\top (X w - y) + 2 \lambda w"),
        ("np.mean((X @ w - y)**2)", "w", r"\frac{2}{n} X^\top (X w - y)"),
        ("np.sum(y*log(sigmoid(X@w)) + (1 - y)*log(1 - sigmoid(X@w)))", "w", r"X^\top (y - \sigma(X w))"),
        ("np.sum(log(1 + exp(-y*(X@w))))", "w", r"-X^\top (y \odot \sigma(-y \odot (X w)))"),
        ("-np.sum(Y*log(softmax(X@W + beta)))/n", "W", r"\frac{1}{n} X^\top (\operatorname{softmax}(X W + \beta) - Y)"),
        ("np.sum(0.5*r**2 - 0.5*relu(abs(r) - delta)**2)", "r", r"r - \max(0, \lvert r \rvert - \delta) \odot \operatorname{sign}(r)"),
        ("np.sum(relu(1 - y*(X@w))**2)", "w", r"-2 X^\top (y \odot \max(0, 1 - y \odot (X w)))"),
        ("np.sum(G*(X@W + beta))", "beta", r"\sum_{i=1}^{n} G_{i}"),
        ("np.sum(g*mean(X))", "X", r"\frac{1}{n} \mathbf{1} g^\top"),
        ("np.sum((X - mean(X))**2)", "X", r"2 (X - \frac{1}{n} \sum_{i=1}^{n} X_{i})"),
        ("np.sum((X - mu)**2)", "mu", r"-2 \sum_{i=1}^{n} (X_{i} - \mu)"),
        ("log(np.sum(exp(x)))", "x", r"\operatorname{softmax}(x)"),
        ("np.sum(a*x) - np.sum(x*a)", "x", "0"),
    ],
)  # fmt: skip
def test_as_printed(objective, variable, shown):
    (node,) = read(objective, SHAPES, "objective")
    found = latex(gradient(node, variable, sums_to_one=["Y"], symmetric=["S"]))
    assert re.sub(r"\\left|\\right|(?<= )\\, ", "", found) == shown


def test_what_has_no_form_in_arrays():
    for text in ("Σ_i x_i a_i", "max(x)"):
        with pytest.raises(TooHard):
            gradient(read(text, SHAPES, "objective")[0], "x")
    assert gradient(read("np.sum(a)", SHAPES, "objective")[0], "x").data == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("X.T @ (X @ w - y)", "X.T @ r"),
        ("X.T @ (y - X @ w)/n", "-1/n*(X.T @ r)"),
        ("np.sum((y - X @ w)**2) + 2*np.sum(X @ w)", "np.sum(r**2) + 2*np.sum(X @ w)"),
        ("softmax(X @ W) - Y", "P - Y"),
        ("(X @ W).T", "U.T"),
        ("W.T @ X.T @ G", "U.T @ G"),
        ("sigmoid(X @ W + 0*G)*(1 - sigmoid(X @ W))", "Z*(1 - Z)"),
        ("x + y", "x + y"),
        ("Σ_i x_i", "np.sum(x)"),
    ],
)
def test_names_for_parts(text, shown):
    definitions = {"r": "X @ w - y", "U": "X @ W", "P": "softmax(U)", "Z": "sigmoid(U)"}
    vocabulary, names = SHAPES, {}
    for word, definition in definitions.items():
        (names[word],) = read(definition, vocabulary)
        vocabulary = Vocabulary({**vocabulary.names, word: names[word].shape}, vocabulary.axes)
    assert numpy_text(folded(read(text, SHAPES)[0], names)) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-(-2*sum(X))/(2*n)", "1/n*sum(X)"), ("1*x + 0*y", "x"), ("--x", "x"), ("x + x", "2*x"),
        ("A @ x + A.T @ x", "(A + A.T) @ x"), ("(A @ B).T", "B.T @ A.T"), ("exp(x)/(1 + exp(x))", "sigmoid(x)"),
        ("exp(x)/np.sum(exp(x))", "softmax(x)"), ("abs(x)*sign(x)", "x"), ("sqrt(x**2)", "abs(x)"), ("A - A", "0*np.ones((n, n))"),
        ("relu(x)*(1 + sign(x))", "2*relu(x)"), ("np.sum(Y, axis=1)*x", "x"), ("np.eye(n) @ A", "A"), ("tr(x y^T)", "x @ y"),
    ],
)  # fmt: skip
def test_simplified(text, shown):
    assert numpy_text(simplified(read(text, SHAPES)[0], sums_to_one={"Y"})).replace("y @ x", "x @ y") == shown

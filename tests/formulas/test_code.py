"""The numpy source of a formula is read back to the same value, and plain numpy evaluates it to that too."""

# ruff: noqa: E501
import numpy as np
import pytest

from scripts.formulas.code import numpy_text
from scripts.formulas.gradient import gradient
from scripts.formulas.read import read
from tests.formulas.test_gradient import CASES, arrays, value, words

FUNCTIONS = {
    "np": np,
    "sum": lambda x: np.sum(x, axis=0),
    "mean": lambda x: np.mean(x, axis=0),
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "softmax": lambda u: np.exp(u) / np.exp(u).sum(axis=-1, keepdims=True),
    "relu": lambda u: np.maximum(u, 0),
    **{name: getattr(np, name) for name in ("abs", "sign", "exp", "log", "sqrt", "tanh", "trace", "diag")},
}
SHAPES = "A:n×n B:n×d C:d×m x:n y:n w:d Y:n×1 u:1×d c:"
FORMULAS = [
    "-x", "x - (y - x)", "x - -y", "(-x)*y", "(x + y)*c", "x/(y*y)", "x/y*y", "2**3*x", "x**2", "(x*y)**(-1)", "(x+y)**(1/2)",
    "1/3*x", "x/3", "c*x", "A @ (A @ x)", "(A @ A) @ x", "(A.T @ x)", "(A @ x).T", "x^T A y", "x^T A", "x y^T", "outer(x, y)",
    "diag(x) B", "diag(Y)", "tr(A A)", "np.sum(B)", "np.sum(B, axis=1)", "sum(B)", "np.sum(B, axis=1, keepdims=True)*B",
    "np.sum(u, axis=0)", "np.max(B, axis=1)", "max(0, x)", "softmax(B)", "x[:, None]*B", "w[None, :]*B", "Y.T @ B", "u.T",
    "Y^T x", "mean(B)", "‖B‖_F", "‖x‖^3", "log(1 + exp(-x))", "2 x_j", "Σ_i x_i", "Σ_i x_i y_i", "Σ_i A_ij x_i", "A_ji",
    "Σ_i (B_i - w)", "Σ_i x_i B_i", "Σ_i x_i Y_i", "x_i y_j", "Σ_i x_i A_ij y_j", "Σ_j A_ij B_jk", "x_i Σ_j A_ij x_j",
    "Σ_i Σ_j A_ij x_i y_j", "Σ_i Σ_j A_ij B_jk", "3 Σ_j A_ij x_j A_jk", "x_i/Σ_j x_j", "exp(x_i)/Σ_j exp(x_j)", "Y_i x_i",
    "np.ones(n)", "0*x + 1", "Σ_i (x_i - w^T B_i) B_i", "Σ_i Y_i B_ij", "np.eye(n)",
]  # fmt: skip


def check(node, vocabulary):
    text = numpy_text(node)
    (again,) = read(text, vocabulary)
    for seed in (0, 1):
        lengths, names = arrays(vocabulary, np.random.default_rng(seed))
        right = value(node, names, lengths).squeeze()
        np.testing.assert_allclose(value(again, names, lengths).squeeze(), right, rtol=1e-12, err_msg=text)
        plain = np.asarray(eval(text, FUNCTIONS | names | lengths))
        assert plain.squeeze().shape == right.shape or right.size == 1, text
        np.testing.assert_allclose(plain.squeeze(), right, rtol=1e-12, err_msg=text)


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text):
    vocabulary = words(SHAPES)
    check(read(text, vocabulary)[0], vocabulary)


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_objectives_and_gradients(case):
    text, variable, shapes, *sums = case.split("; ")
    vocabulary = words(shapes)
    (objective,) = read(text, vocabulary, "objective")
    check(objective, vocabulary)
    check(gradient(objective, variable, sums), vocabulary)

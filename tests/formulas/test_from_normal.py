"""A normal form, written as a formula with indices, has the value of the formula that it came from."""

# ruff: noqa: E501
import numpy as np
import pytest

from scripts.formulas.from_normal import components, tree
from scripts.formulas.indices import Algebra
from scripts.formulas.normal import Normal, free, variable
from scripts.formulas.read import read
from scripts.formulas.typeset import latex
from tests.formulas.test_gradient import arrays, value, words

SHAPES = words("A:n×n B:n×d C:d×m x:n y:n w:d Y:n×1 u:1×d c:")
FORMULAS = [
    "x", "2*x", "A @ x", "A.T @ x", "x @ A @ x", "A @ B", "A @ B @ C", "c*x - y", "x/(x @ x)", "exp(x)/np.sum(exp(x))", "u",
    "softmax(B)", "sigmoid(Y)", "log(1 + exp(x))", "abs(x - y)", "sum(B)", "B - mean(B)", "np.sum(B**2)", "Y.T @ B", "Y",
    "diag(x) A", "np.max(B, axis=1)", "tr(A @ A)", "sqrt(1 + x @ x)", "x/sqrt(1 + x @ x)", "relu(B @ w - x)", "n*x/d",
    "(x @ y)**2 * x", "np.sum(B)*B", "tanh(c*w)", "x - x", "exp(x - y)*exp(2*y)", "0.5*c", "Y*x[:, None]", "1/x",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_same_value(text):
    (node,) = read(text, SHAPES)
    at = free(node.shape)
    entry = Normal(Algebra(), {name: variable(name) for name in SHAPES.names}).entry(node, at)
    forms = [form(entry, at, node.shape, SHAPES.names) for form in (components, tree)]
    again = [read(latex(form), SHAPES)[0] for form in forms if "max" not in text]
    for seed in (0, 1):
        lengths, names = arrays(SHAPES, np.random.default_rng(seed))
        right = value(node, names, lengths)
        for other in (*forms, *again):
            mine = value(other, names, lengths)
            np.testing.assert_allclose(mine.squeeze(), right.squeeze(), rtol=1e-12, atol=1e-12, err_msg=latex(other))

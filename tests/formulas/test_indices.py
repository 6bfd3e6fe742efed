"""The normal form has the formula's value wherever that has one: for random formulas, at random points and at zeros."""

from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from scripts.formulas.evaluate import MPMATH, Undefined, evaluate
from scripts.formulas.indices import Algebra, TooHard, factors, number, vanishes
from scripts.formulas.normal import Normal, free, variable
from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Unreadable

SHAPES = {"x": ("n",), "y": ("n",), "A": ("n", "m"), "v": ("m",)}
WORDS = Vocabulary(SHAPES, frozenset("nm"))
LENGTHS = {"n": 3, "m": 2}
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def polynomial_value(p, names, at):
    """Evaluate a polynomial in index notation; at: the values of its free indices."""
    total = mpmath.mpf(0)
    for monomial, c in p.terms.items():
        term = mpmath.mpf(c.numerator) / c.denominator
        for a, power in monomial:
            term *= real_power(atom_value(a, names, at), power)
        total += term
    return total


def real_power(value, power: Fraction):
    if (value == 0 and power < 0) or (value < 0 and power.denominator > 1):
        raise Undefined
    return (
        value**power.numerator
        if power.denominator == 1
        else mpmath.power(value, mpmath.mpf(power.numerator) / power.denominator)
    )


def atom_value(a, names, at):
    match a.kind:
        case "variable":
            return names[a.args[0]][tuple(at[i] for i in a.args[1])]
        case "length":
            return mpmath.mpf(LENGTHS[a.args[0]])
        case "delta":
            return mpmath.mpf(at[a.args[0]] == at[a.args[1]])
        case "sum":
            ways = product(*(range(LENGTHS[i.axis]) for i in a.args[0]))
            inside = [dict(zip(a.args[0], way, strict=True)) for way in ways]
            return sum(
                mpmath.fprod(real_power(atom_value(b, names, at | here), p) for b, p in a.args[1]) for here in inside
            )
        case "max":
            return max(polynomial_value(a.args[1], names, at | {a.args[0]: k}) for k in range(LENGTHS[a.args[0].axis]))
    inner = polynomial_value(a.args[0], names, at)
    match a.kind:
        case "exp":
            return mpmath.exp(inner)
        case "log" if inner > 0:
            return mpmath.log(inner)
        case "sign":
            return mpmath.sign(inner)
        case "base":
            return inner
    raise Undefined


NUMBERS = st.sampled_from(["2", "3", "(1/2)", "(-1)", "n", "0"])
VECTORS = st.sampled_from(["x", "y", "(A @ v)", "(x - y)", "(x + 1)"])


def larger(inner):
    unary = st.sampled_from([
        "abs({})", "sign({})", "sqrt({})", "sqrt(({})**2)", "exp({})", "log({})", "sigmoid({})", "tanh({})", "relu({})",
        "({})**2", "({})**3", "({})**-1", "({})**-2", "({})**(3/2)", "({})**(-1/2)", "-({})", "sum({0} * {0})*{0}",
        "softmax({})", "({0} - np.max({0}))", "np.sum({0})*x", "A @ (A.T @ ({}))", "np.diag({0}) @ y",
        "(Σ_i ({0} ⊙ y)_i)*x",
    ])  # fmt: skip
    binary = st.sampled_from(["({} + {})", "({} - {})", "{} * {}", "({}) / ({})", "({0}) / abs({0}) * ({1})"])
    return st.one_of(
        st.builds(lambda form, a: form.format(a), unary, inner),
        st.builds(lambda form, a, b: form.format(a, b), binary, inner, st.one_of(inner, NUMBERS)),
    )


FORMULAS = st.recursive(VECTORS, larger, max_leaves=6)
VALUES = st.lists(st.sampled_from(["0", "1", "-1", "2", "-1/2", "3/7"]), min_size=14, max_size=14)


def arrays(values):
    entries = iter([mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in values])
    shapes = {name: tuple(LENGTHS[axis] for axis in axes) for name, axes in SHAPES.items()}
    return {
        name: np.array([next(entries) for _ in range(int(np.prod(s)))], dtype=object).reshape(s)
        for name, s in shapes.items()
    }


def normal(text):
    (node,) = read(text, WORDS)
    assume(node.shape == ("n",))
    (i,) = free(node.shape)
    return node, i, Normal(Algebra(), {name: variable(name) for name in SHAPES}).entry(node, (i,))


def scalar(text):
    (node,) = read(text, WORDS)
    return Normal(Algebra(), {name: variable(name) for name in SHAPES}).entry(node, free(node.shape))


@given(FORMULAS, VALUES)
@SETTINGS
@example("abs(sign(x)**2/x)*abs(x)", ["-1"] * 14)
@example("sqrt(x**6)", ["-1"] * 14)
@example("(x**2)**(3/2) - x**3", ["-1"] * 14)
@example("sqrt((x - y)**2 * (x + y)**3)", ["1", "1", "2", "-1/2", "-1/2"] + ["1"] * 9)
@example("abs(sign(x)/x**3) * x", ["-1"] * 14)
def test_the_normal_form_has_the_same_value(text, values):
    with mpmath.workdps(40):
        try:
            node, i, polynomial = normal(text)
            value = evaluate(node, arrays(values), LENGTHS, MPMATH)
            mine = [polynomial_value(polynomial, arrays(values), {i: k}) for k in range(LENGTHS["n"])]
            found = factors(polynomial) if polynomial.terms else None
        except (Unreadable, Undefined, TooHard, ZeroDivisionError, OverflowError):
            assume(False)
        for k, (a, b) in enumerate(zip(mine, value, strict=True)):
            assert abs(a - b) <= mpmath.mpf(10) ** -25 * (1 + abs(b)), text
            if found:
                try:
                    whole = mpmath.mpf(found.coefficient.numerator) / found.coefficient.denominator
                    for f, power in found.atoms.items():
                        whole *= real_power(atom_value(f, arrays(values), {i: k}), power)
                    for p, power in found.polynomials:
                        whole *= real_power(polynomial_value(p, arrays(values), {i: k}), Fraction(power))
                except Undefined:
                    continue
                assert abs(whole - b) <= mpmath.mpf(10) ** -25 * (1 + abs(b)), ("factors", text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Σ_i 1/(1 + x_i² + Σ_j e^{x_i x_j})", "Σ_i 1/(1 + x_i² + Σ_k Σ_j e^{x_k x_j})"),
        ("Σ_i sign(x_i + Σ_j sign(x_i - x_j))", "Σ_i sign(x_i + Σ_k Σ_j sign(x_k - x_j))"),
        ("np.max(x)", "np.max(y)"),
        ("np.max(A, axis=0) @ v", "np.max(A.T, axis=1) @ v + 0*n + 1"),
        ("Σ_i (Σ_j A_ij v_j)²", "Σ_i Σ_j (A_ij v_j)²"),
        ("(Σ_i x_i)²", "Σ_i x_i²"),
        ("n", "m"),
    ],
)
def test_what_differs_has_another_normal_form(one, other):
    entries = [scalar(text) for text in (one, other)]
    assert not vanishes(entries[0] - entries[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Σ_i Σ_j x_i A_ij v_j", "x @ (A @ v)"),
        ("Σ_j Σ_i x_i A_ij v_j", "(A.T @ x) @ v"),
        ("tr(A A^T)", "Σ_i Σ_j A_ij²"),
        ("(Σ_i x_i)²", "Σ_i Σ_k x_i x_k"),
        ("‖x - y‖²", "‖x‖² - 2 x^T y + ‖y‖²"),
        ("Σ_i softmax(x)_i", "1"),
        ("Σ_i |x_i|", "x^T sign(x)"),
        ("Σ_i e^{x_i - np.max(x)}", "Σ_i e^{x_i}/e^{np.max(x)}"),
        ("(x^T y)/sqrt(x^T x)**3", "(x^T y)/(x^T x)/sqrt(x^T x)"),
    ],
)
def test_what_is_equal_has_the_same_normal_form(one, other):
    entries = [scalar(text) for text in (one, other)]
    assert vanishes(entries[0] - entries[1]) and not vanishes(entries[0] - entries[1] + number(Fraction(1, 10**99)))


def known(text, **traits):
    names = {name: variable(name, frozenset({traits[name]} if name in traits else ())) for name in SQUARE}
    (node,) = read(text, Vocabulary(SQUARE, frozenset("nm")))
    return Normal(Algebra(), names).entry(node, free(node.shape))


SQUARE = {"S": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("m", "n"), "v": ("m",), "c": ()}


@pytest.mark.parametrize(
    ("one", "other", "traits"),
    [
        ("S", "S.T", {"S": "symmetric"}),
        ("S @ x", "S.T @ x", {"S": "symmetric"}),
        ("trace(S @ B)", "trace(S @ B.T)", {"S": "symmetric"}),
        ("S @ B @ S", "S.T @ B @ S.T", {"S": "symmetric"}),
        ("abs(c)", "c", {"c": "positive"}),
        ("sqrt(c**2)", "c", {"c": "positive"}),
        ("np.sum(y)", "m", {"y": "sums_to_one"}),
        ("v @ np.sum(y, axis=1)", "sum(v)", {"y": "sums_to_one"}),
        ("np.sum(y * (y @ x)[:,None])", "v @ v*0 + np.sum(y @ x)", {"y": "sums_to_one"}),
    ],
)
def test_what_is_known_of_entries_is_used_and_nothing_else(one, other, traits):
    assert vanishes(known(one, **traits) - known(other, **traits))
    assert not vanishes(known(one) - known(other))

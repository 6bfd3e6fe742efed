"""The engine derives what tables and lectures ask for, proves it for all sizes, and shows it in the given names."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from project import ROOT

from scripts.formulas.code import numpy_text
from scripts.formulas.evaluate import MPMATH
from scripts.formulas.for_all_sizes import compare
from scripts.formulas.problem import problem
from scripts.formulas.read import read
from scripts.formulas.typeset import latex
from scripts.problem_set.read import read_set
from scripts.shared.step import Failure

NETWORK = {
    "shapes": {"a": "1 × k", "W1": "k × l", "b1": "1 × l", "W2": "l × m", "b2": "1 × m", "y": "1 × m"},
    "where": {"u1": "a @ W1 + b1", "z1": "sigmoid(u1)", "u2": "z1 @ W2 + b2", "yhat": "softmax(u2)"},
    "derivatives": {"du1": "u1", "du2": "u2"},
    "objective": "-np.sum(y * log(yhat))",
    "sums_to_one": ["y"],
}
LAYERS = {"X": "n × d", "W1": "d × h", "b1": "h", "W2": "h × k", "b2": "k", "Y": "n × k"}
HIDDEN = {"objective": "-np.sum(Y * log(P))/n", "shapes": LAYERS, "sums_to_one": ["Y"]}
ATTENTION = {
    "shapes": {"Q": "n × d", "K": "m × d", "V": "m × k", "G": "n × k"},
    "where": {"P": "softmax(Q @ K.T/sqrt(d))"},
    "objective": "np.sum(G * (P @ V))",
}
INNER = "(P * (G @ V.T - np.sum(G @ V.T * P, axis=1, keepdims=True)))"
CASES = [  # parameters, variable, right, wrong
    ({"shapes": {"a": "m", "X": "m × n", "b": "n"}, "objective": "a @ (X @ b)"}, "X", "outer(a, b)", "2*outer(a, b)"),
    ({"shapes": {"A": "n × n", "x": "n"}, "objective": "x @ (A @ x)"}, "x", "A @ x + A.T @ x", "2*A @ x"),
    ({"shapes": {"A": "n × n", "x": "n"}, "objective": "x @ (A @ x)", "symmetric": ["A"]}, "x", "2*A @ x", "A @ x"),
    ({"shapes": {"A": "n × n", "x": "n"}, "objective": "x @ (A @ x)", "symmetric": ["A"]}, "A", "outer(x, x)", "A"),
    ({"shapes": {"A": "n × n", "B": "n × n"}, "objective": "trace(A @ B)", "symmetric": ["A"]}, "A", "B.T", "B"),
    ({"shapes": {"X": "n × n"}, "objective": "trace(X @ X)"}, "X", "2*X.T", "2*X"),
    ({"shapes": {"x": "n", "a": "n"}, "objective": "norm(x - a)"}, "x", "(x - a)/norm(x - a)", "x - a"),
    ({"shapes": {"x": "n", "a": "n"}, "objective": "a @ x/norm(x)"}, "x", "a/norm(x) - x*(a @ x)/norm(x)**3", "a"),
    (
        {"shapes": {"X": "n × d", "w": "d", "y": "n", "lam": "scalar"}, "positive": ["lam"],
         "objective": "sum((X @ w - y)**2) + lam*sum(abs(w))"},
        "w", "2*X.T @ (X @ w - y) + lam*sign(w)", "2*X.T @ (X @ w - y) + lam",
    ),
    (
        {"shapes": {"X": "n × d", "w": "d", "y": "n"}, "objective": "sum(log(1 + exp(-y*(X @ w))))"},
        "w", "-X.T @ (y*sigmoid(-y*(X @ w)))", "-X.T @ (y*sigmoid(y*(X @ w)))",
    ),
    (
        {"shapes": {"r": "n", "d": "scalar"}, "positive": ["d"], "objective": "sum(r**2 - max(0, abs(r) - d)**2)/2"},
        "r", "r - sign(r)*max(0, abs(r) - d)", "r",
    ),
    ({"shapes": {"m": "n"}, "objective": "sum(max(0, 1 - m)**2)"}, "m", "-2*max(0, 1 - m)", "-max(0, 1 - m)"),
    (
        {"shapes": {"x": "n", "g": "n", "e": "scalar"}, "positive": ["e"], "objective": "sum(g*h)",
         "where": {"m": "mean(x)", "v": "mean((x - m)**2)", "h": "(x - m)/sqrt(v + e)"}},
        "x", "(g - mean(g) - h*mean(g*h))/sqrt(v + e)", "(g - mean(g))/sqrt(v + e)",
    ),
    (ATTENTION, "V", "P.T @ G", "P @ G.T"),
    (ATTENTION, "Q", f"{INNER} @ K/sqrt(d)", f"{INNER} @ K"),
    (ATTENTION, "K", f"{INNER}.T @ Q/sqrt(d)", f"{INNER} @ Q"),
    (
        HIDDEN | {"where": {"H": "X @ W1 + b1", "P": "softmax(sigmoid(H) @ W2 + b2)"}},
        "W1", "X.T @ (((P - Y) @ W2.T)*ds(H))/n", "X.T @ ((P - Y) @ W2.T)/n",
    ),
    (
        HIDDEN | {"where": {"H": "X @ W1 + b1", "P": "softmax(relu(H) @ W2 + b2)"}},
        "b1", "sum(((P - Y) @ W2.T)*(1 + sign(H)))/(2*n)", "sum((P - Y) @ W2.T)/n",
    ),
    ({"shapes": {"y": "n", "f": "n"}, "objective": "Σ_i (y_i - f_i)²"}, "f", "2*(f - y)", "2*(y - f)"),
    ({"shapes": {"x": "n", "c": "scalar"}, "objective": "sum(exp(c*x))"}, "c", "sum(x*exp(c*x))", "sum(exp(c*x))"),
    (NETWORK, "W1", "a.T @ ((du2 @ W2.T)*z1*(1 - z1))", "a.T @ (du2 @ W2.T)"),
]  # fmt: skip


# fmt: off
DIAGONAL = [  # the same index twice
    ({"A": "n × n"}, r"\left(\sum_i A_{ii}\right)^2", "A", [], "2*trace(A)*np.eye(n)"),
    ({"A": "n × n", "s": "scalar"}, "s Σ_i exp(A_{ii})", "s", [], "np.sum(exp(diag(A)))"),
    ({"A": "n × n", "B": "n × d"}, "Σ_i Σ_j A_{ii} B_{ij}^2", "B", [], "2*diag(A)[:, None]*B"),
    ({"Y": "n × n"}, "np.sum(diag(Y) @ Y)", "Y", ["Y"], "diag(Y)[:, None] + np.eye(n)"),
]
SUMS = [  # what moves has entries that move one by one; of any other name all is known that is told
    ({"p": "n"}, "log(np.sum(p))", "p", ["p"], "np.ones(n)"),
    ({"ab": "n", "a": "n"}, "log(np.sum(a))*np.sum(ab)", "a", ["ab"], "1/np.sum(a)*np.ones(n)"),
    ({"p": "n", "q": "n", "s": "scalar"}, "s*np.sum(p)*np.sum(q)", "s", ["p", "q"], "1"),
    ({"B": "k × d"}, "k*np.sum(B)", "B", ["B"], "k*np.ones((k, d))"),
]
ONES = [  # an entry that does not depend on an index of the variable
    ({"B": "k × d", "c": "k"}, "Σ_i Σ_j B_{ij} c_i", "B", [], "outer(c, np.ones(d))"),
    ({"B": "k × d", "c": "d"}, "Σ_i Σ_j B_{ij} c_j", "B", [], "outer(np.ones(k), c)"),
    ({"B": "k × d"}, r"\left(\sum_i \sum_j B_{ij}\right)^2", "B", [], "2*np.sum(B)*np.ones((k, d))"),
    ({"B": "k × d", "A": "k × k"}, "Σ_i Σ_j B_{ij} A_{ii}", "B", [], "outer(diag(A), np.ones(d))"),
]
# fmt: on


@pytest.mark.parametrize(("shapes", "objective", "variable", "sums", "right"), DIAGONAL + SUMS + ONES)
def test_what_is_derived_is_also_right_as_it_is_shown_and_as_code(shapes, objective, variable, sums, right):
    spec = {"shapes": shapes, "objective": objective, "variable": variable, "sums_to_one": sums}
    asked = problem("p", {"kind": "derivative", **spec})
    answer = asked.trees["answer"]
    assert asked.unproved == ""
    assert all(equal(asked, text) for text in (right, numpy_text(answer), latex(answer)))


def test_a_symmetric_matrix_moves_entry_by_entry():
    deep = "np.sum(tanh(tanh(tanh(X @ x))))"  # too deep for index notation in one of its forms
    spec = {"kind": "derivative", "shapes": {"X": "n × n", "A": "n × n", "x": "n"}, "symmetric": ["X"]}
    asked = problem("p", {**spec, "objective": f"trace(A @ X.T @ X) + {deep}", "variable": "X"})
    assert asked.unproved == "" and "A.T" in numpy_text(asked.trees["answer"])


@pytest.mark.parametrize(
    ("objective", "answer"),
    [("one @ tanh(x)", "one*(1 - tanh(x)**2)"), ("two @ x", "two"), ("np.sum(x)", "np.ones(n)")],
)
def test_no_number_is_called_by_the_name_of_a_constant(objective, answer):
    spec = {"shapes": {"x": "n"}, "where": {"one": "np.ones(n)", "two": "2*one"}, "variable": "x"}
    asked = problem("p", {"kind": "derivative", **spec, "objective": objective})
    assert numpy_text(asked.trees["answer"]) == answer


def test_powers_are_no_numbers_of_sympy():
    spec = {"shapes": {"Q": "k × d", "w": "d"}, "where": {"p": "np.mean(Q, axis=0)"}, "variable": "Q"}
    assert problem("p", {"kind": "derivative", **spec, "objective": "w @ sqrt(p/(1 + p**2))"}).latex


def equal(asked, text) -> bool:
    (node,) = read(text, asked.vocabulary)
    return node.shape == asked.answer_shape and compare(asked, node, asked.truth).equal


@pytest.mark.parametrize(("spec", "variable", "right", "wrong"), CASES)
def test_derivatives_are_derived_and_proved(spec, variable, right, wrong):
    asked = problem("p", {"kind": "derivative", "variable": variable, **spec})
    assert asked.unproved == ""
    found = compare(asked, asked.trees["answer"], asked.truth)
    assert found.equal and found.defined
    assert equal(asked, right)
    try:
        assert not equal(asked, wrong)
    except Exception as error:  # what does not even fit
        assert "fit" in str(error)


@pytest.mark.parametrize("name", ["deep-learning", "matrix-derivatives", "example"])
def test_every_formula_of_the_sets_is_derived_and_proved(name):
    for identity, spec in read_set(ROOT / "problem_sets" / name).formulas.items():
        assert problem(identity, spec).unproved == "", identity


@pytest.mark.parametrize(
    ("variable", "shown"),
    [
        ("u2", r"\hat y - y"),
        ("W2", r"z_{1}^\top \, du_{2}"),
        ("b2", "du_{2}"),
        ("W1", r"a^\top \, du_{1}"),
        ("u1", r"\left(du_{2} \, W_{2}^\top\right) \odot z_{1} \odot \left(1 - z_{1}\right)"),
    ],
)
def test_answers_are_shown_in_the_names_of_the_question(variable, shown):
    asked = problem("p", {"kind": "derivative", "variable": variable, **NETWORK})
    assert asked.latex.partition(" = ")[2] == shown


def test_an_answer_may_use_what_does_not_follow_from_it():
    allowed = {v: problem("p", {"kind": "derivative", "variable": v, **NETWORK}).allowed for v in ("u2", "W2", "u1")}
    assert {v: [name for name in names if name.startswith("du")] for v, names in allowed.items()} == {
        "u2": [], "W2": ["du2"], "u1": ["du2"],
    }  # fmt: skip
    least = {"kind": "minimiser", "shapes": {"x": "n", "m": "scalar"}, "where": {"r": "x - m"}, "variable": "m"}
    assert problem("p", {**least, "objective": "sum(r**2)"}).allowed == ("x",)


def test_layouts():
    spec = {"kind": "derivative", "shapes": {"A": "m × n", "x": "n"}, "objective": "sum(A @ x)"}
    row = problem("p", {**spec, "variable": "x", "layout": "transposed"})
    assert (row.answer_shape, row.shown.shape) == ((1, "n"), (1, "n"))
    turned = problem("p", {**spec, "variable": "A", "layout": "transposed"})
    assert (turned.answer_shape, turned.shown.shape, turned.trees["answer"].shape) == (
        ("n", "m"),
        ("n", "m"),
        ("m", "n"),
    )


@pytest.mark.parametrize(
    ("shapes", "objective", "variable", "answer"),
    [
        ({"x": "n × d", "m": "d"}, "np.sum((x - m)**2)", "m", "sum(x)/n"),
        ({"x": "n", "m": "scalar"}, "sum((x - m)**2)", "m", "mean(x)"),
        ({"x": "n × d", "m": "d", "r": "n", "c": "scalar"}, "sum(r*sum((x - m)**2, axis=1)) + c*sum(m**2)", "m",
         "(r @ x)/(sum(r) + c)"),
        ({"x": "n × d", "m": "d", "p": "d"}, "np.sum(p*(x - m)**2)", "m", "mean(x)"),
    ],
)  # fmt: skip
def test_minimisers_are_derived_and_the_square_is_completed(shapes, objective, variable, answer):
    positive = [name for name in ("r", "c", "p") if name in shapes]
    spec = {"kind": "minimiser", "shapes": shapes, "objective": objective, "variable": variable, "positive": positive}
    asked = problem("p", spec)
    assert asked.unproved == "" and asked.truth.curvature
    assert equal(asked, answer) and not equal(asked, f"2*({answer})")


@pytest.mark.parametrize("objective", ["sum((X @ w - y)**2)", "sum(w**4)", "-sum(w**2)", "sum(c*w**2)", "sum(w)"])
def test_what_is_no_such_quadratic_has_no_minimiser(objective):
    shapes = {"X": "n × d", "w": "d", "y": "n", "c": "scalar"}
    spec = {"kind": "minimiser", "shapes": shapes, "objective": objective, "variable": "w"}
    with pytest.raises(Failure, match="minimiser: it is found where the objective is a quadratic"):
        _ = problem("p", spec).trees


@pytest.mark.parametrize("trait", ["positive", "symmetric", "sums_to_one"])
def test_a_minimiser_is_sought_among_all_arrays(trait):
    spec = {"kind": "minimiser", "shapes": {"X": "n × n", "A": "n × n"}, "objective": "norm(X - A)**2"}
    with pytest.raises(Failure, match=f"{trait}: X is the variable"):
        problem("p", {**spec, "variable": "X", trait: ["X"]})
    assert equal(problem("p", {**spec, "variable": "X", trait: ["A"]}), "A")


def test_the_minimiser_of_a_difference_to_a_constant():
    spec = {"kind": "minimiser", "shapes": {"x": "n", "m": "scalar"}, "where": {"one": "np.ones(n)"}, "variable": "m"}
    assert equal(problem("p", {**spec, "objective": "np.sum((x - m*one)**2)"}), "mean(x)")


@pytest.mark.parametrize(
    "stated", [r"\frac{1}{n} \lVert x - \bar{x} \rVert^2", "sqrt((x - mean(x)) @ (x - mean(x)))**2/n"]
)
def test_the_square_of_a_norm_needs_no_root(stated):
    spec = {"kind": "identity", "shapes": {"x": "n"}, "expression": "np.mean((x - np.mean(x))**2)"}
    asked = problem("p", spec)
    found = compare(asked, read(stated, asked.vocabulary)[0], asked.truth)
    assert found.equal and found.defined


def test_what_divides_by_zero_everywhere_cannot_be_derived():
    spec = {"kind": "derivative", "shapes": {"x": "n"}, "objective": "sum(x)/sum(0*x)", "variable": "x"}
    with pytest.raises(Failure, match="cannot derive this: the formula divides by zero"):
        _ = problem("p", spec).trees


def test_the_equals_sign_of_an_index_makes_no_left_side():
    shapes = {"x": "n", "y": "n"}
    asked = problem("p", {"kind": "derivative", "shapes": shapes, "objective": "np.sum(x)*np.sum(y)", "variable": "x"})
    assert asked.objective_latex.startswith("L = ") and asked.left == r"\frac{\partial L}{\partial x}"


def test_a_minimiser_is_where_the_objective_has_a_value():
    spec = {"kind": "minimiser", "shapes": {"x": "n"}, "objective": "sum((x - 1 + x/x)**2)", "variable": "x"}
    with pytest.raises(Failure, match="minimiser: it is found where the objective is a quadratic"):
        _ = problem("p", spec).trees


def test_an_identity_holds_for_arrays_of_any_shape():
    asked = problem("p", {"kind": "identity", "shapes": {"A": "m × n", "B": "n × k"}, "expression": "(A @ B).T"})
    assert equal(asked, "B.T @ A.T")


def test_points_are_where_the_names_are():
    shapes = {"A": "n × n", "p": "n × k", "c": "scalar"}
    spec = {"kind": "identity", "shapes": shapes, "expression": "c*A", "symmetric": ["A"], "sums_to_one": ["p"]}
    asked = problem("p", {**spec, "positive": ["c"]})
    arrays = asked.arrays({"n": 3, "k": 2}, lambda name, index: mpmath.mpf(1 + sum(index) + 3 * index[:1].count(1)))
    names = asked.complete(arrays, {"n": 3, "k": 2}, MPMATH)
    assert (names["A"] == names["A"].T).all() and names["A"].shape == (3, 3)
    assert [sum(row) for row in names["p"]] == [1, 1, 1]
    assert np.shape(names["c"]) == ()


def test_the_same_parameters_are_one_problem():
    spec = {"kind": "identity", "shapes": {"x": "n"}, "expression": "2*x"}
    assert problem("p", spec) is problem("p", dict(spec))
    assert problem("p", spec) is not problem("p", spec | {"expression": "3*x"})


def test_where_the_normal_form_cannot_follow_the_answer_is_not_called_proved(monkeypatch):
    asked = problem("p", {"kind": "derivative", "variable": "x", "shapes": {"x": "n"}, "objective": "sum(x**2)"})
    monkeypatch.setattr("scripts.formulas.indices.TERMS", 0)
    assert "too many terms" in replace(asked).unproved


def test_a_name_that_sums_to_one_may_have_several_letters():
    spec = {"shapes": {"u": "n × k", "labels": "n × k"}, "objective": "-np.sum(labels * log(softmax(u)))"}
    asked = problem("p", {"kind": "derivative", "variable": "u", "sums_to_one": ["labels"], **spec})
    assert asked.latex.endswith(r"= \operatorname{softmax}\left(u\right) - \mathrm{labels}")

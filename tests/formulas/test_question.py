"""A question as its author writes it: what is read, in which order, and what is wrong in one line."""

import pytest

from scripts.formulas.problem import problem
from scripts.formulas.question import names_in, question
from scripts.shared.step import Failure
from scripts.verdicts.finding import Malformed
from scripts.verdicts.kinds.formula import judged

LINE = {"kind": "derivative", "shapes": {"X": "n × d", "w": "d", "y": "n"}, "objective": "sum((X @ w - y)**2)"}
MEAN = {"kind": "minimiser", "shapes": {"x": "n", "c": "scalar"}, "objective": "sum((x - c)**2)", "variable": "c"}
NETWORK = {
    "kind": "derivative",
    "shapes": {"a": "1 × k", "W1": "k × l", "b1": "1 × l", "W2": "l × m", "b2": "1 × m", "y": "1 × m"},
    "where": {"yhat": "softmax(u2)", "u2": "z1 @ W2 + b2", "z1": "sigmoid(u1)", "u1": "a @ W1 + b1"},
    "objective": "-np.sum(y * log(yhat))",
    "sums_to_one": ["y"],
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"variable": "v"}, "variable: 'v' is not among the names: X, w, y"),
        ({"objective": None}, "objective: it is missing"),
        ({"objective": "sum((X @ v - y)**2)"}, "objective: 'v' is not among the names given"),
        ({"objective": "sum((X @ y)**2)"}, "objective: the shapes n×d and n do not fit"),
        ({"objective": "(X @ w - y)**2"}, "objective: it has the shape n and has to be a number"),
        ({"objective": "sum((X @ w - y)**2"}, "objective: .*something is missing"),
        ({"shapes": {"X": "n × d × k"}}, "shapes: X: 'n × d × k' is no shape"),
        ({"shapes": {"X": "2 × d"}}, "shapes: X: '2 × d' is no shape"),
        ({"shapes": {"X_1": "n"}}, "shapes: X_1: a new name is needed"),
        ({"shapes": {"norm": "n"}}, "shapes: norm: formulas take it for a function"),
        ({"shapes": {"n": "m", "x": "n"}}, "shapes: n: formulas take it for the length n: choose another name"),
        ({"where": {"r": "X @ w - s", "s": "r"}}, "where: r, s are defined by each other"),
        ({"where": {"r": "X @ v"}}, "where: r: 'v' is not among the names"),
        ({"where": {"w": "sum(X)"}}, "where: w: a new name is needed"),
        ({"objective": "sum(y)"}, "variable: the objective does not depend on w"),
        ({"where": {"s": "sum(w)"}, "derivatives": {"ds": "s"}}, "derivatives: ds: the objective does not depend on s"),
        ({"derivatives": {"dv": "v"}}, "derivatives: dv: 'v' is not among the names"),
        ({"derivatives": {"w": "X"}}, "derivatives: w: a new name is needed"),
        ({"positive": ["v"]}, "positive: 'v' is not among the names"),
        ({"symmetric": ["X"]}, "symmetric: X: a symmetric matrix has the shape n × n"),
        ({"given": ["X", "v"]}, "given: 'v' is not among the names"),
        ({"aliases": {"x": "v"}}, "aliases: 'v' is not among the names"),
        ({"lengths": {"10": "k"}}, "lengths: 10: 'k' is no length: d, n"),
        ({"shapes": {"lam": "scalar", "lambda": "n"}}, "shapes: lam: formulas take it for lambda: choose another name"),
        ({"shapes": {"eps": "scalar", "x": "epsilon"}}, "shapes: eps: formulas take it for the length epsilon"),
        ({"shapes": {"μ": "n"}}, r"shapes: μ: a new name is needed, Latin letters .*mu for μ"),
        ({"shapes": {"a": "n", "b": "n", "ab": "n"}}, "shapes: ab: formulas take it for the product of a and b"),
        ({"shapes": {"exp": "n"}}, "shapes: exp: formulas take it for a function or a sign: choose another name"),
        ({"shapes": {"I": "n × n"}}, "shapes: I: formulas take it for a function or a sign"),
        ({"shapes": {"x": "sum"}}, "shapes: formulas take the length sum for a function or a sign"),
        (
            {"shapes": {"lambda": "skalar"}},
            "shapes: lambda: 'skalar' would be a length: write scalar, n, 1 × n or n × d",
        ),
        ({"shapes": {"A": "matrix"}}, "shapes: A: 'matrix' would be a length: write scalar"),
        ({"shapes": {"x": "Vector"}}, "shapes: x: 'Vector' would be a length: write scalar"),
        ({"where": {"n": "sum(X @ w)"}}, "where: n: formulas take it for the length n"),
        ({"where": {"abs": "X @ w"}}, "where: abs: formulas take it for a function"),
        ({"where": {"Xw": "X @ w"}}, "where: Xw: formulas take it for the product of X and w"),
        ({"where": {"v": "w"}}, "where: v: it is another name of w: put it into aliases"),
        ({"where": {"u": "X @ w"}, "derivatives": {"u": "w"}}, "derivatives: u: a new name is needed"),
        ({"derivatives": {"d": "w"}}, "derivatives: d: formulas take it for the length d"),
        ({"derivatives": {"sum": "w"}}, "derivatives: sum: formulas take it for a function"),
        ({"derivatives": {"log": "w"}}, "derivatives: log: formulas take it for a function"),
        ({"aliases": {"w": "y"}}, "aliases: w: formulas take it for w already; take it out"),
        ({"aliases": {"y": "w"}}, "aliases: y: formulas take it for y already"),
        ({"aliases": {"n": "w"}}, "aliases: n: formulas take it for n already"),
        ({"aliases": {"exp": "w"}}, "aliases: exp: formulas take it for a function or a sign already"),
        ({"aliases": {"π": "w"}}, "aliases: π: no formula can hold it: take Latin letters, mu for μ"),
        ({"aliases": {"w_1": "w"}}, "aliases: w_1: no formula can hold it"),
        ({"aliases": {"": "w"}}, "aliases: : no formula can hold it"),
        ({"aliases": {"2": "w"}}, "aliases: 2: formulas take it for a function or a sign"),
        ({"aliases": {"Xw": "y"}}, "aliases: Xw: formulas take it for the product of X and w already"),
        ({"aliases": {"sigma": "y", "σ": "X"}}, "aliases: σ: no formula can hold it"),
        ({"lengths": {"y": "n"}}, "lengths: y: formulas take it for y already"),
        ({"by": ["y"]}, "by: y: formulas take it for y already"),
        ({"derivatives": {"dw": "w"}, "given": ["X", "dw"]}, "given: dw is the answer or follows from it; take it out"),
        (
            {"where": {"u": "X @ w"}, "variable": "u", "objective": "sum((u - y)**2)", "shapes": LINE["shapes"]}
            | {"derivatives": {"dw": "w"}, "given": ["dw", "X"]},
            "given: dw is the answer or follows from it",
        ),
        ({"kind": "minimiser", "given": ["X", "y", "w"]}, "given: w is the answer or follows from it"),
        ({"kind": "minimiser", "where": {"g": "X @ w - y"}, "given": ["y", "g"]}, "given: g is the answer or follows"),
        ({"kind": "minimiser", "derivatives": {"dw": "w"}, "given": ["dw"]}, "given: dw is the answer or follows"),
        ({"kind": "minimiser", "positive": ["w"]}, "positive: w is the variable, and a minimiser is sought among all"),
        ({"kind": "minimiser", "sums_to_one": ["w"]}, "sums_to_one: w is the variable, and a minimiser is"),
        ({"kind": "minimiser", "positive": ["w"], "sums_to_one": ["w"]}, "a minimiser is sought among all"),
        ({"symmetric": ["w"]}, "symmetric: w: a symmetric matrix has the shape n × n"),
        ({"symmetric": ["v"]}, "symmetric: 'v' is not among the names"),
        ({"sums_to_one": ["v"]}, "sums_to_one: 'v' is not among the names"),
        ({"shapes": LINE["shapes"] | {"c": "scalar"}, "sums_to_one": ["c"]}, "sums_to_one: c: .* give it as k, 1 × k"),
        ({"shapes": LINE["shapes"] | {"c": "k × 1"}, "sums_to_one": ["c"]}, "sums_to_one: c: .* give it as k, 1 × k"),
        ({"shapes": LINE["shapes"] | {"c": "1 × 1"}, "sums_to_one": ["c"]}, "sums_to_one: c: .* give it as k, 1 × k"),
        ({"layout": "row"}, "layout: 'row' is none of variable, transposed, either"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(change, told):
    with pytest.raises(Failure, match=told) as failure:
        problem("p", {"variable": "w", **LINE, **change})
    assert "\n" not in str(failure.value)


def test_definitions_stand_in_any_order_and_are_read_in_theirs():
    assert list(question("p", {"variable": "W1", **NETWORK}).forward) == ["u1", "z1", "u2", "yhat"]


@pytest.mark.parametrize("written", ["n × d", "n x d", "n*d", "n ×d"])
def test_shapes_are_written_in_several_ways(written):
    assert question("p", {"variable": "X", **LINE, "shapes": LINE["shapes"] | {"X": written}}).given["X"] == ("n", "d")


def test_a_scalar_and_a_row_have_shapes():
    spec = {"kind": "identity", "shapes": {"c": "scalar", "r": "1 × n"}, "expression": "c * r"}
    assert question("p", spec).given == {"c": (), "r": (1, "n")}


def test_pre_activations_are_free_and_biases_follow():
    asked = question("p", {"variable": "W1", **NETWORK})
    assert list(asked.shapes) == ["a", "W1", "W2", "y", "u1", "u2"]
    assert names_in(asked.definitions["b2"]) == {"u2", "z1", "W2"}


@pytest.mark.parametrize(
    "change",
    [
        {"where": {"sigma": "sigmoid(X @ w)"}},  # names that are functions as well, where no argument follows
        {"shapes": LINE["shapes"] | {"Sigma": "n × n", "s": "scalar", "t": "n"}},
        {"aliases": {"sigma": "y", "σ": "y", "t": "w", "x": "X"}},
        {"lengths": {"10": "n", "N": "n"}, "by": ["theta", "w"]},
        {"derivatives": {"dw": "w"}},  # d is a length
        {"derivatives": {"du": "u"}, "where": {"u": "X @ w"}, "given": ["X", "du"]},
    ],
)
def test_what_is_right_is_not_refused(change):
    spec = {"variable": "w", **LINE, **change}
    if "u" in change.get("where", ()):
        spec["objective"] = "sum((u - y)**2)"
    problem("p", spec)


def test_a_residual_is_no_pre_activation():
    asked = question(
        "p", {"variable": "w", **LINE, "where": {"r": "X @ w + b"}, "shapes": {**LINE["shapes"], "b": "n"}}
    )
    assert "b" in asked.shapes and "r" in asked.definitions


def test_what_moves_with_the_variable_is_written_out_and_the_rest_is_held():
    asked = question("p", {"variable": "W2", **NETWORK})
    assert names_in(asked.moving(asked.objective, "W2")) == {"y", "z1", "W2", "b2"}
    assert names_in(asked.moving(asked.objective, "W1")) == {"y", "a", "W1", "b1", "W2", "b2"}


def stated(stated, **spec):
    return judged(stated, {"id": "p", "item": "i", **LINE, "variable": "w", **spec})


@pytest.mark.parametrize("given", [{}, {"given": ["X", "w", "y"]}, {"aliases": {"z": "y"}}])
@pytest.mark.parametrize("answer", ["2*X.T @ (X @ w - y)", "y", "2*X.T @ X @ w - z"])
def test_what_an_answer_does_without_is_never_on_offer(given, answer):
    asked = problem("p", {**LINE, "variable": "w", "without": ["y"], **given})
    assert asked.allowed == ("X", "w")
    with pytest.raises(Malformed, match=r"y may not be used here; use only X, w|'z' is not among"):
        stated(answer, without=["y"], **given)


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("exp", "exp(x)"),
        ("exp", "e^x"),
        ("exp", r"\frac{1}{e^{-x}}"),
        ("abs", "|x|"),
        ("abs", "x.abs()"),
        ("sigmoid", r"\frac{d\sigma}{dx} = \sigma(x)(1 - \sigma(x))"),
        ("ds", "s'(x)"),
    ],
)
def test_functions_that_an_answer_does_without_have_no_other_spelling(function, answer):
    spec = {"shapes": {"x": "scalar"}, "objective": "sigmoid(x)", "variable": "x", "called": ["sigma"]}
    with pytest.raises(Malformed, match=f"{function} may not be used here"):
        stated(answer, **spec, without=[function])


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        ({"derivatives": {"dw": "w"}}, "dw"),
        ({"derivatives": {"dX": "X"}}, "dX.T @ y"),
        ({**MEAN, "where": {"g": "x - c"}}, "mean(x - g)"),
        ({**MEAN, "derivatives": {"dc": "c"}}, "mean(x) + dc"),
        (MEAN, "c"),
    ],
)
def test_what_is_the_answer_or_follows_from_it_is_not_on_offer(spec, answer):
    with pytest.raises(Malformed, match="is what the question asks for, or follows from it"):
        stated(answer, **spec)


@pytest.mark.parametrize(("trait", "noted"), [("symmetric", True), ("sums_to_one", True), ("positive", False)])
def test_the_note_says_how_a_bound_variable_moves(trait, noted):
    spec = {"kind": "derivative", "shapes": {"A": "n × n", "x": "n"}, "objective": "x @ A @ x", "note": "A form."}
    note = "A form. Each entry of A moves alone, though its entries depend on each other."
    assert problem("p", {**spec, "variable": "A", trait: ["A"]}).note == (note if noted else "A form.")
    assert problem("p", {**spec, "variable": "x", trait: ["A"]}).note == "A form."

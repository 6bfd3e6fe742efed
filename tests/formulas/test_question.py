"""A question as its author writes it: what is read, in which order, and what is wrong in one line."""

import pytest

from scripts.formulas.problem import problem
from scripts.formulas.question import names_in, question
from scripts.shared.step import Failure

LINE = {"kind": "derivative", "shapes": {"X": "n × d", "w": "d", "y": "n"}, "objective": "sum((X @ w - y)**2)"}
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
        ({"shapes": {"X_1": "n"}}, "shapes: X_1: a name has letters"),
        ({"shapes": {"norm": "n"}}, "shapes: norm: a name has letters .* is no function"),
        ({"shapes": {"n": "m", "x": "n"}}, "shapes: n: it is a name and a length"),
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


def test_a_residual_is_no_pre_activation():
    asked = question(
        "p", {"variable": "w", **LINE, "where": {"r": "X @ w + b"}, "shapes": {**LINE["shapes"], "b": "n"}}
    )
    assert "b" in asked.shapes and "r" in asked.definitions


def test_what_moves_with_the_variable_is_written_out_and_the_rest_is_held():
    asked = question("p", {"variable": "W2", **NETWORK})
    assert names_in(asked.moving(asked.objective, "W2")) == {"y", "z1", "W2", "b2"}
    assert names_in(asked.moving(asked.objective, "W1")) == {"y", "a", "W1", "b1", "W2", "b2"}

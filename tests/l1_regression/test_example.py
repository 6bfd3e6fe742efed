from fractions import Fraction as F
from itertools import combinations
from random import Random

import pytest

from scripts.l1_regression.example import (
    certify,
    descend,
    example,
    least_squares,
    linear_programme,
    loss,
    read_example,
    residuals,
    subgradient,
)
from scripts.shared.step import Failure

X, Y = read_example("problem_sets/deep-learning/data/l1.txt")
W, DUAL = linear_programme(X, Y)


def lines_through_pairs(X, Y):
    """Return the W of all straight lines through two points: one of them is optimal."""
    for i, j in combinations(range(len(Y)), 2):
        if X[i][1] != X[j][1]:
            slope = (Y[j] - Y[i]) / (X[j][1] - X[i][1])
            yield [Y[i] - slope * X[i][1], slope]


def test_the_optimum_is_certified_unique_and_no_line_through_two_points_beats_it():
    result = certify(X, Y, W, DUAL)
    assert result["loss"] == result["dual_objective"] == min(loss(X, Y, V) for V in lines_through_pairs(X, Y))
    assert result["unique"]
    assert [V for V in lines_through_pairs(X, Y) if loss(X, Y, V) == result["loss"]] == [W]


def test_the_stated_gradient_is_nowhere_zero():
    result = certify(X, Y, W, DUAL)
    assert result["zero_gradient_has_no_solution"] and any(subgradient(X, Y, W))


def test_random_examples_are_certified_and_match_brute_force():
    draw = Random(5)
    for _ in range(25):
        X = [[F(1), F(x)] for x in draw.sample(range(-9, 10), draw.randint(3, 8))]
        Y = [F(draw.randint(-9, 9)) for _ in X]
        result = certify(X, Y, *linear_programme(X, Y))
        optima = [V for V in lines_through_pairs(X, Y) if loss(X, Y, V) == result["loss"]]
        assert optima and result["loss"] == min(loss(X, Y, V) for V in lines_through_pairs(X, Y))
        if result["unique"]:
            assert optima == [result["W"]] * len(optima)


def test_a_wrong_certificate_is_refused():
    for wrong_W, wrong_s in [
        ([W[0] + F(1, 100), W[1]], DUAL),
        (W, [s * F(99, 100) for s in DUAL]),
        (W, [DUAL[0] + 1, *DUAL[1:]]),
    ]:
        with pytest.raises(Failure, match="could not be certified"):
            certify(X, Y, wrong_W, wrong_s)


def test_a_median_of_two_is_not_called_unique():
    X, Y = [[F(1)], [F(1)]], [F(1), F(2)]
    assert not certify(X, Y, [F(1)], [F(1), F(-1)])["unique"]


def test_sign_of_zero_is_zero():
    assert subgradient([[F(1)], [F(1)]], [F(1), F(5)], [F(1)]) == [-1]


def test_least_squares_differs_and_has_the_larger_l1_loss():
    squares = least_squares(X, Y)
    normal = [sum(row[j] * r for row, r in zip(X, squares["residuals"], strict=True)) for j in range(2)]
    assert normal == [0, 0] and squares["W"] != W and squares["loss"] > loss(X, Y, W)


def test_descent_approaches_the_optimum_only_with_a_diminishing_step():
    runs, optimum = example(X, Y)["descent"], float(loss(X, Y, W))
    assert 0 <= runs["diminishing"]["gap"] < 0.01 < runs["constant"]["gap"]
    for descent in runs.values():
        assert descent["losses"][0] == float(sum(map(abs, Y)))
        assert descent["best_losses"] == [min(descent["losses"][: t + 1]) for t in range(len(descent["losses"]))]
        assert min(descent["losses"]) >= optimum - 1e-12
    assert descend(X, Y, True) == descend(X, Y, True)


def test_residuals_have_the_sign_of_prediction_minus_truth():
    assert residuals([[F(1), F(2)]], [F(5)], [F(1), F(1)]) == [-2]


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("1 2\n1 x\n", "line 2"),
        ("1 2\n1 1e999999999\n", "line 2"),
        ("1 2\n1 2 3\n", "line 2: 3 entries"),
        ("1\n2\n", "line 1: 1 entries"),
        ("1 2\n", "two rows"),
        ("", "two rows"),
    ],
)
def test_malformed_examples_fail_in_one_line(tmp_path, text, complaint):
    (tmp_path / "l1.txt").write_text(text)
    with pytest.raises(Failure, match=complaint) as failure:
        read_example(tmp_path / "l1.txt")
    assert "\n" not in str(failure.value)


def test_dependent_columns_fail_in_one_line():
    with pytest.raises(Failure, match="linearly dependent"):
        example([[F(1), F(2)], [F(2), F(4)], [F(3), F(6)]], [F(1), F(2), F(4)])

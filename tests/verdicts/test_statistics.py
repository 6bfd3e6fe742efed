"""The tests of random figures keep what they promise, on random numbers of known distribution."""

import numpy as np
import pytest

from scripts.verdicts.statistics import intervals, normality, rank_test, student_test
from scripts.verdicts.statistics import test as ensemble_test


def mixed(rng: np.random.Generator, n: int, shape: str) -> np.ndarray:
    """Draw n vectors of three dependent figures on very different scales."""
    draws = rng.normal(size=(n, 3)) if shape == "normal" else rng.exponential(size=(n, 3)) ** 2
    return (draws @ [[1.0, 0.5, 0.0], [0.0, 1.0, 0.9], [0.0, 0.0, 0.1]]) * [1, 1000, 0.01] + [5, 0, -1]


@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_ranks_are_exact_whatever_the_distribution(shape):
    """p ≤ 0.1 for a tenth of the right vectors: of 1000, 100 with a standard deviation of 9.5."""
    rng = np.random.default_rng(7)
    joint, single = [], []
    for _ in range(1000):
        draws = mixed(rng, 40, shape)
        outcome = rank_test(draws[:39], draws[39], draws[39])
        joint.append(outcome.joint)
        single.append(outcome.single[0])
    assert 70 <= sum(p <= 0.1 for p in joint) <= 130
    assert 60 <= sum(p <= 0.1 for p in single) <= 140
    assert min(joint) >= 1 / 40


def test_ranks_see_a_broken_dependence():
    """Each figure for itself is ordinary, the two together are not."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=199)
    values = np.stack([x, x + 0.01 * rng.normal(size=199)], axis=1)
    outcome = rank_test(values, np.array([1.0, -1.0]), np.array([1.0, -1.0]))
    assert outcome.refutes(0.01)
    assert outcome.single.min() > 0.2


def test_student_covers_and_is_guarded():
    rng = np.random.default_rng(3)
    joint, refuted = [], 0
    for _ in range(400):
        draws = mixed(rng, 10, "normal")
        joint.append(student_test(draws[:9], draws[9], draws[9]).joint)
        skewed = mixed(rng, 10, "skewed")
        refuted += student_test(skewed[:9], skewed[9], skewed[9]).refutes(0.1)
    assert sum(p <= 0.1 for p in joint) <= 55  # 40 expected, Bonferroni being cautious
    assert refuted <= 0.1 * 400 + 18  # never more than one in N + 1, however far from normal


@pytest.mark.parametrize(("replicas", "method"), [(98, "Student"), (99, "ranks"), (9, "Student")])
def test_method_follows_from_the_number_of_replicas(replicas, method):
    values = np.random.default_rng(0).normal(size=(replicas, 2))
    assert ensemble_test(values, np.zeros(2), np.zeros(2), 0.01).method == method
    assert ensemble_test(values, np.full(2, 50.0), np.full(2, 50.0), 0.01).refutes(0.01)


def test_rounding_is_given_to_the_answer():
    values = np.random.default_rng(0).normal(2.0, 0.001, (9, 1))
    assert student_test(values, np.array([2.1]), np.array([2.1])).refutes(0.01)
    assert not student_test(values, np.array([2.0]), np.array([2.2])).refutes(0.01)


def test_a_figure_that_never_varies():
    values = np.column_stack([np.full(9, 4.0), np.random.default_rng(0).normal(size=9)])
    assert not student_test(values, *2 * [np.array([4.0, 0.1])]).refutes(0.01)
    assert student_test(values, *2 * [np.array([5.0, 0.1])]).refutes(0.01)


@pytest.mark.parametrize("replicas", [9, 400])
def test_intervals_hold_a_further_draw(replicas):
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(300):
        draws = rng.normal(size=(replicas + 1, 1))
        low, high = intervals(draws[:-1], 0.1)[0]
        inside += low <= draws[-1, 0] <= high
    assert 0.85 <= inside / 300 <= 0.95


def test_normality_tells_spikes():
    """Of 100 normal ensembles a few fall below 0.05, of spiky ones most."""
    rng = np.random.default_rng(2)
    assert sum(normality(rng.normal(size=(9, 40))) < 0.05 for _ in range(100)) <= 15
    assert sum(normality(rng.exponential(size=(9, 40))) < 0.05 for _ in range(100)) >= 90
    assert normality(np.ones((9, 4))) is None

"""The tests of random values keep what they promise, on random numbers of known distribution."""

import numpy as np
import pytest
from scipy import stats

from scripts.verdicts.ensembles import each_value
from scripts.verdicts.statistics import (
    changed,
    count_test,
    ensemble_test,
    image_test,
    rank_test,
    singly,
    student,
    student_test,
    surprise,
)

ALPHA = 0.01


def mixed(rng: np.random.Generator, n: int, shape: str) -> np.ndarray:
    """Draw n vectors of three dependent values on very different scales."""
    draws = rng.normal(size=(n, 3)) if shape == "normal" else rng.exponential(size=(n, 3)) ** 2
    return (draws @ [[1.0, 0.5, 0.0], [0.0, 1.0, 0.9], [0.0, 0.0, 0.1]]) * [1, 1000, 0.01] + [5, 0, -1]


class TestRanks:
    @pytest.mark.parametrize("shape", ["normal", "skewed"])
    def test_exact_whatever_the_distribution(self, shape):
        """p ≤ 0.1 for a tenth of the right vectors: of 1000, 100 with a standard deviation of 9.5."""
        rng = np.random.default_rng(7)
        p = [rank_test(mixed(rng, 40, shape)).p for _ in range(1000)]
        assert 70 <= sum(x <= 0.1 for x in p) <= 130
        assert min(p) >= 1 / 40

    def test_a_broken_dependence(self):
        """Each value for itself is ordinary, the two together are not."""
        x = np.random.default_rng(1).normal(size=199)
        values = np.stack([x, x + 0.01 * np.random.default_rng(2).normal(size=199)], axis=1)
        pooled = np.vstack([values, [1.0, -1.0]])
        assert rank_test(pooled).refutes(ALPHA)
        assert student(pooled)[-1].min() > 0.2


class TestStudent:
    def test_p_is_that_of_one_more_draw(self):
        values, stated = np.random.default_rng(0).normal(size=(9, 2)), np.array([2.5, -0.3])
        t = (stated - values.mean(axis=0)) / (values.std(axis=0, ddof=1) * np.sqrt(1 + 1 / 9))
        p = student(np.vstack([values, stated]))[-1]
        assert p == pytest.approx(2 * stats.t.sf(abs(t), 8))
        upper = student(np.vstack([values, stated]), np.array([True, False]))[-1]
        assert upper == pytest.approx([p[0] / 2, p[1]])

    def test_covers_and_is_guarded(self):
        rng = np.random.default_rng(3)
        normal = [student_test(mixed(rng, 10, "normal")).p for _ in range(400)]
        skewed = [student_test(mixed(rng, 10, "skewed")).refutes(0.1) for _ in range(400)]
        assert sum(p <= 0.1 for p in normal) <= 55  # 40 expected, Bonferroni being cautious
        assert sum(skewed) <= 0.1 * 400 + 18  # never more than one in N + 1, however far from normal

    def test_a_value_that_never_varies(self):
        values = np.column_stack([np.full(9, 4.0), np.random.default_rng(0).normal(size=9)])
        assert not each_value(values, np.array([4.0, 0.1]), ALPHA).refutes(ALPHA)
        assert each_value(values, np.array([5.0, 0.1]), ALPHA).refutes(ALPHA)


@pytest.mark.parametrize(("replicas", "method"), [(98, "Student"), (99, "ranks"), (9, "Student")])
def test_method_follows_from_the_number_of_replicas(replicas, method):
    values = np.random.default_rng(0).normal(size=(replicas, 2))
    assert ensemble_test(np.vstack([values, [0, 0]]), ALPHA).method == method
    assert ensemble_test(np.vstack([values, [50, 50]]), ALPHA).refutes(ALPHA)


class TestCounts:
    @pytest.mark.parametrize("chance", [0.5, 0.88, 0.99])
    def test_refutes_no_more_than_alpha(self, chance):
        """Exactly: over all that ten batches of 32 can hold, α = 0.05 of the right draws at most."""
        rng = np.random.default_rng(0)
        draws = rng.binomial(32, chance, (2000, 10))
        refuted = sum(count_test(row[:-1].astype(float), 32, row[-1]).refutes(0.05) for row in draws)
        assert refuted <= 0.05 * 2000 + 3 * np.sqrt(2000 * 0.05 * 0.95)

    def test_nine_equal_batches_leave_room(self):
        """Batches that happen to be all alike do not make their neighbour impossible."""
        values = np.full(9, 28.0)
        assert not count_test(values, 32, 25).refutes(ALPHA)
        assert count_test(values, 32, 10).refutes(ALPHA)


class TestImages:
    def test_refutes_no_more_than_alpha_whatever_the_distribution(self):
        """400 images whose values have heavy tails; a tenth run's are tested, image by image."""
        rng = np.random.default_rng(5)
        refuted = tried = 0
        for _ in range(5):
            values = rng.standard_t(3, (10, 400, 4)) * rng.uniform(0.1, 5, (1, 400, 1))
            known = surprise(values[:9].transpose(1, 0, 2)).T
            refuted += sum(image_test(values[:, i], known, 0.05).refutes(0.05) for i in range(400))
            tried += 400
        assert refuted <= 0.05 * tried + 3 * np.sqrt(tried * 0.05)

    def test_threshold_is_where_it_refutes(self):
        rng = np.random.default_rng(6)
        known = surprise(rng.normal(size=(300, 9, 3))).T
        refuted = 0
        for _ in range(200):
            outcome = image_test(rng.normal(size=(10, 3)) * [1, 1, 2], known, 0.05)
            assert outcome.refutes(0.05) == (surprise(outcome.pooled)[-1] >= outcome.threshold)
            refuted += outcome.refutes(0.05)
        assert refuted < 20

    def test_too_few_images_to_refute_anything(self):
        known = surprise(np.random.default_rng(0).normal(size=(50, 9, 3))).T
        assert not image_test(
            np.vstack([np.random.default_rng(1).normal(size=(9, 3)), [99, 99, 99]]), known, 0.01
        ).refutes(0.01)


class TestChanged:
    """How often other replicas would have changed a verdict: hardly for what is clear, often at the edge."""

    @pytest.mark.parametrize("replicas", [9, 99])
    def test_clear_and_at_the_edge(self, replicas):
        values = np.random.default_rng(4).normal(size=(replicas, 1))

        def of(stated: float) -> float:
            outcome = each_value(values, np.array([stated]), ALPHA)
            return changed(outcome, ALPHA)

        assert of(0.0) <= 0.02 and of(100.0) == 0
        edge = max(of(float(x)) for x in np.linspace(2, 5, 40))
        assert edge > 0.2

    def test_counts(self):
        values = np.array([28.0, 27, 29, 30, 26, 28, 28, 29, 27])
        shares = [changed(count_test(values, 32, x), ALPHA) for x in (28, 21, 3)]
        assert shares[0] == shares[2] == 0 < shares[1]


@pytest.mark.parametrize("replicas", [9, 400])
def test_intervals_hold_a_further_draw(replicas):
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(300):
        draws = rng.normal(size=(replicas + 1, 1))
        _, ((low, high),), _ = singly(draws[:-1], draws[-1], 0.1)
        inside += low <= draws[-1, 0] <= high
    assert 0.85 <= inside / 300 <= 0.95

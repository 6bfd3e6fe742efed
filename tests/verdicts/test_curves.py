"""Two loss curves: honest tables are kept, a slip of the pen is seen."""

import numpy as np
import pytest

from scripts.verdicts.curves import course_test, each_summarised, summaries, summarised

ALPHA = 0.01


def losses(rng: np.random.Generator, n: int, epochs: int = 24) -> np.ndarray:
    """Draw n tables of logarithms of losses: even training losses, test losses that jump and now and then spike."""
    course = np.log(2 / (1 + np.arange(epochs)) + 0.3)
    level = rng.normal(0, 0.01, (n, 1))
    train = course + level + rng.normal(0, 0.002, (n, epochs))
    spikes = rng.exponential(0.08, (n, epochs)) * (rng.random((n, epochs)) < 0.1)
    test = course + level + rng.normal(0, 0.03, (n, epochs)) + spikes
    test[:, 0] = np.log(2.3) + rng.normal(0, 0.001, n)
    return np.hstack([train, test])


@pytest.mark.parametrize("replicas", [9, 39])
def test_honest_tables_are_kept(replicas):
    """Of 200 further tables at most α = 0.05, and a sampling error of three standard deviations."""
    alpha, rng = 0.05, np.random.default_rng(replicas)
    refuted = 0
    for _ in range(200):
        draws = losses(rng, replicas + 1)
        refuted += course_test(draws[:-1], draws[-1], alpha).refutes(alpha)
    assert refuted <= 0.05 * 200 + 3 * np.sqrt(200 * 0.05 * 0.95)


def test_what_a_slip_of_the_pen_does():
    draws = losses(np.random.default_rng(1), 10)
    table = draws[-1]
    assert not course_test(draws[:-1], table, ALPHA).refutes(ALPHA)
    slip = table + 0.08 * (np.arange(48) == 15)
    assert course_test(draws[:-1], slip, ALPHA).refutes(ALPHA)
    assert course_test(draws[:-1], np.roll(table, -1), ALPHA).refutes(ALPHA)


@pytest.mark.parametrize("epochs", [1, 2, 3, 4])
def test_few_epochs(epochs):
    draws = losses(np.random.default_rng(2), 10, epochs)
    assert 0 < course_test(draws[:-1], draws[-1], ALPHA).p <= 1
    assert course_test(draws[:-1], draws[-1] + 1, ALPHA).refutes(ALPHA)


def test_each_summary_has_its_column():
    draws = losses(np.random.default_rng(0), 10)
    assert course_test(draws[:-1], draws[-1], ALPHA).pooled.shape == (10, len(summaries(24)))


@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 24])
def test_many_rows_are_summarised_at_once_as_each_alone(epochs):
    draws = losses(np.random.default_rng(3), 30, epochs)
    alone = [summarised(np.delete(draws, k, axis=0), row) for k, row in enumerate(draws)]
    assert each_summarised(draws) == pytest.approx(np.array(alone), rel=1e-9)

"""Is a stated vector of figures an ordinary draw from what an ensemble of replicas produced?

**Ranks**, where the ensemble is large: if the stated vector is one more draw, its distance from the middle is as likely
as any replica's to be the largest. With the distances of all N + 1 vectors, measured alike (Mahalanobis, mean and
covariance over all of them), p = (number of distances at least as large as the stated one's) / (N + 1) is exact,
whatever the distribution. It can fall to α only if N + 1 ≥ 1/α.

**Student prediction intervals**, where it is small: t = (stated − mean) / (sd · √(1 + 1/N)) with N − 1 degrees of
freedom for each figure, which assumes that the replicas are normal on the test's scale; jointly the smallest p times
the number of figures (Bonferroni), which holds whatever their dependence. Where the replicas are not normal, and losses
with upward spikes are not, such a p is too small; so the stated vector also has to lie farther out than every replica
does from the others, which a further draw does with probability 1 / (N + 1) at most, whatever the distribution.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats


class Test(NamedTuple):
    """The joint p-value, one per figure, how they were found ("ranks" or "Student"), and the figures as tested.

    tested: the stated figures (figures,), each as close to the middle as its rounding allows: it may have been there.
    farthest: Student only: does the stated vector lie farther out than every replica does? Ranks need no such guard.
    """

    joint: float
    single: np.ndarray
    method: str
    tested: np.ndarray
    farthest: bool

    def refutes(self, alpha: float) -> bool:
        return self.joint <= alpha and self.farthest


def test(values: np.ndarray, low: np.ndarray, high: np.ndarray, alpha: float) -> Test:
    """Test a stated vector against replicas (N, figures); rounding leaves each figure between `low` and `high`."""
    ranked = len(values) + 1 >= 1 / alpha
    return (rank_test if ranked else student_test)(values, low, high)


def rank_test(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> Test:
    pooled = np.vstack([values, np.clip(np.median(values, axis=0), low, high)])
    single = _share_beyond(np.abs(pooled - np.median(pooled, axis=0)))
    joint = float(_share_beyond(_mahalanobis(pooled)[:, None])[0])
    return Test(joint, single, "ranks", pooled[-1], True)


def student_test(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> Test:
    tested = np.clip(values.mean(axis=0), low, high)
    single = _student(values, tested)
    pooled = np.vstack([values, tested])
    nearest = [_student(np.delete(pooled, k, axis=0), row).min() for k, row in enumerate(values)]
    joint = float(min(1, single.min() * len(single)))
    return Test(joint, single, "Student", tested, bool(single.min() < min(nearest)))


def _student(values: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return two-sided p-values (figures,) of one more row among values (N, figures), N ≥ 2."""
    n, gap = len(values), np.abs(row - values.mean(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(gap == 0, 0, gap / (values.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)))
    return 2 * stats.t.sf(t, n - 1)


def intervals(values: np.ndarray, alpha: float) -> np.ndarray:
    """Return, per figure, the interval (figures, 2) that holds a further draw with probability 1 − α, singly."""
    n = len(values)
    if n + 1 >= 2 / alpha:
        return np.quantile(values, [alpha / 2, 1 - alpha / 2], axis=0).T
    half = stats.t.isf(alpha / 2, n - 1) * values.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)
    return np.stack([values.mean(axis=0) - half, values.mean(axis=0) + half], axis=1)


def normality(values: np.ndarray) -> float | None:
    """Return the Shapiro-Wilk p-value of all residuals of values (N, figures) together; None if nothing varies.

    Residuals from the mean of a few replicas are bounded, so each is first turned into the t that it has among the
    others, and by that distribution into a normal deviate.
    """
    n = len(values)
    varying = values[:, values.std(axis=0) > 0]
    if n < 4 or not varying.size:
        return None
    centred = varying - varying.mean(axis=0)
    r = centred / (centred.std(axis=0, ddof=1) * np.sqrt(1 - 1 / n))
    t = r * np.sqrt((n - 2) / np.maximum(n - 1 - r**2, np.finfo(float).tiny))
    deviates = np.clip(stats.norm.ppf(stats.t.cdf(t, n - 2)), -8, 8).ravel()
    return float(stats.shapiro(deviates[:4999]).pvalue)


def _share_beyond(distances: np.ndarray) -> np.ndarray:
    """Per column, the share of rows whose distance is at least the last row's (which counts itself)."""
    return (distances >= distances[-1] * (1 - 1e-12)).mean(axis=0)


def _mahalanobis(pooled: np.ndarray) -> np.ndarray:
    """Distance of every row from the mean of all, in units of their covariance (pseudo-inverse if singular)."""
    centred = pooled - pooled.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    inverse = np.linalg.pinv(np.atleast_2d(centred.T @ centred / len(pooled)), hermitian=True)
    return np.einsum("ij,jk,ik->i", centred, inverse, centred)

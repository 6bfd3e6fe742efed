"""Can a stated vector of values be excluded as a draw from what replicas of the described procedure produced?

Four tests. Each refutes one more draw of the right procedure with probability α at most, for the reason given:

**Ranks**, where replicas are many (N + 1 ≥ 1/α). Of N + 1 draws, measured alike, each is as likely as any other to be
the farthest out. With Mahalanobis distances from the mean of all, p = (number of distances at least as large as the
stated one's) / (N + 1), so P(p ≤ α) ≤ α whatever the distribution.

**Student**, where they are few. Each of k summaries that were fixed beforehand has
t = (stated − mean) / (sd · √(1 + 1/N)) with N − 1 degrees of freedom; jointly p is the smallest of the k times k
(Bonferroni), so P(p ≤ α) ≤ α whatever their dependence, as far as each is normal over the runs. Where it is not, the
stated vector also has to lie farther out than every replica does among the others, which happens to one more draw
with probability 1 / (N + 1) at most, whatever the distribution.

**Counts** of what is right among images drawn at random: if each is right with the same chance, then given how many
are right in all N + 1 batches together, the stated count is hypergeometric (Fisher); p is twice the smaller tail.

**Images**: the stated values belong to one image of many, drawn at random. How far out each replica lies among the
others is measured for every image, by Σ log(1 + t²/ν) over the values, which grows as their likelihood falls; p is
the largest share, over the replicas, of the images of which one of them lies at least as far out as the stated values.
So for a run that lies no farther out than the farthest replica does, P(p ≤ α) ≤ α over images drawn at random, whatever
the distribution; one more run is farther out than all N with probability 1 / (N + 1), and then P(p ≤ α) may be larger,
but for most of the other runs it is far smaller than α.

What is not refuted is not excluded, and no more is known. A p of 1 is where a bound ends: it is no evidence for what is
stated.

How much a verdict owes to the replicas at hand is told by `changed`: the share of REDRAWN other sets of replicas that
would have changed it, drawn from a normal distribution like the one at hand, or for ranks from the replicas themselves.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from scripts.shared.seeds import stream

REDRAWN = 100


class Outcome(NamedTuple):
    """A test's result.

    p: jointly. farthest: does the stated vector lie farther out than every replica? Only Student's test asks for it.
    method: "ranks", "Student", "counts" or "images". pooled: what was tested (N + 1, k), the stated vector last.
    least: the p of each of the k alone, where ranks do not decide. upper: as student's.
    size: of a batch that counts. threshold: the least surprise that "images" refutes.
    """

    p: float
    farthest: bool
    method: str
    pooled: np.ndarray
    least: np.ndarray | None = None
    upper: np.ndarray | None = None
    size: int = 0
    threshold: float = np.inf

    def refutes(self, alpha: float) -> bool:
        """Tell whether the stated row is excluded as a draw, at this chance of error."""
        return self.p <= alpha and self.farthest

    @property
    def tails(self) -> int:
        """How many tails count towards p where Student's test decides."""
        return self.pooled.shape[1] * (2 if self.upper is None or not self.upper[self.least.argmin()] else 1)


def rank_test(pooled: np.ndarray) -> Outcome:
    """Test the last row of pooled (N + 1, k)."""
    return Outcome(float(share_beyond(_mahalanobis(pooled)[:, None])[0]), True, "ranks", pooled)


def student_test(pooled: np.ndarray, upper: np.ndarray | None = None) -> Outcome:
    """Test the last row of pooled (N + 1, k); upper (k,): where only large values speak against a row."""
    p = student(pooled, upper)
    joint, farthest = _joined(p)
    return Outcome(float(joint), bool(farthest), "Student", pooled, p[-1], upper)


def ensemble_test(pooled: np.ndarray, alpha: float, upper: np.ndarray | None = None) -> Outcome:
    """Test the last row of pooled (N + 1, k) by ranks if they can decide, else by Student's t."""
    return rank_test(pooled) if len(pooled) >= 1 / alpha else student_test(pooled, upper)


def count_test(counts: np.ndarray, size: int, stated: float) -> Outcome:
    """Test how many of `size` images are right, given the counts (N,) of the replicas."""
    p = float(_fisher(counts.sum() + stated, len(counts) + 1, size, stated))
    return Outcome(p, True, "counts", np.append(counts, stated)[:, None], np.array([p]), size=size)


def image_test(pooled: np.ndarray, known: np.ndarray, alpha: float) -> Outcome:
    """Test the last row of pooled (N + 1, k); known (N, images): the `surprise` of every replica and image."""
    p, threshold = among(float(surprise(pooled)[-1]), known, alpha)
    return Outcome(p, True, "images", pooled, threshold=threshold)


def among(surprising: float, known: np.ndarray, alpha: float) -> tuple[float, float]:
    """Return the largest share, over the rows of known (replicas, images), of what is at least as surprising, itself
    counted in, and the least surprise whose share is at most alpha."""
    images = known.shape[1]
    others = int((known >= surprising * (1 - 1e-9)).sum(axis=1).max())
    allowed = int(alpha * (images + 1)) - 1  # so many may be at least as surprising
    if allowed < 0:
        return (others + 1) / (images + 1), np.inf
    last = np.partition(known, images - 1 - allowed, axis=1)[:, images - 1 - allowed]
    return (others + 1) / (images + 1), float(last.max() * (1 + 2e-9))


def stream_of_replicas() -> np.random.Generator:
    """Return the random numbers from which other sets of replicas are drawn: always the same."""
    return np.random.default_rng(stream(0, "other replicas"))


def changed(outcome: Outcome, alpha: float) -> float:
    """Return the share of other sets of replicas that would have changed the verdict."""
    rng = stream_of_replicas()
    values, stated = outcome.pooled[:-1], outcome.pooled[-1]
    n = len(values)
    if outcome.method == "ranks":
        sets = (values[rng.integers(n, size=n)] for _ in range(REDRAWN))
        refuted = [rank_test(np.vstack([others, stated])).refutes(alpha) for others in sets]
    elif outcome.method == "counts":
        sums = rng.binomial(n * outcome.size, values.mean() / outcome.size, REDRAWN)
        refuted = _fisher(sums + stated[0], n + 1, outcome.size, stated[0]) <= alpha
    else:
        # By singular values, so that summaries which never vary, or move together, do no harm.
        centred = (values - values.mean(axis=0)) / np.sqrt(n - 1)
        drawn = values.mean(axis=0) + rng.normal(size=(REDRAWN, n, n)) @ centred
        pooled = np.concatenate([drawn, np.broadcast_to(stated, (REDRAWN, 1, len(stated)))], axis=1)
        if outcome.method == "images":
            refuted = surprise(pooled)[:, -1] >= outcome.threshold
        else:
            joint, farthest = _joined(student(pooled, outcome.upper))
            refuted = (joint <= alpha) & farthest
    return float(np.mean(np.asarray(refuted) != outcome.refutes(alpha)))


def student(pooled: np.ndarray, upper: np.ndarray | None = None) -> np.ndarray:
    """Return the Student p (…, n, k) of each row of pooled (…, n, k) among the n − 1 others."""
    t, degrees = studentised(pooled)
    two_sided = 2 * beyond(np.abs(t), degrees)
    return two_sided if upper is None else np.where(upper, beyond(t, degrees), two_sided)


def beyond(t: np.ndarray, degrees: int) -> np.ndarray:
    """Return the probability that Student's t exceeds t; by scipy.special, since scipy.stats takes as long to import as
    most sets to judge."""
    return special.stdtr(degrees, -t)


def surprise(pooled: np.ndarray) -> np.ndarray:
    """Return Σ log(1 + t²/ν) over the values (…, n) of each row of pooled (…, n, k) among the n − 1 others."""
    t, degrees = studentised(pooled)
    return np.log1p(t**2 / degrees).sum(axis=-1)


def studentised(pooled: np.ndarray) -> tuple[np.ndarray, int]:
    """Return t (…, n, k) of each row of pooled (…, n, k) among the n − 1 others, and its degrees of freedom n − 2.

    The t of one more draw is the externally studentised residual.
    """
    n = pooled.shape[-2]
    gap = pooled - pooled.mean(axis=-2, keepdims=True)
    spread = gap.std(axis=-2, ddof=1, keepdims=True)
    # What varies by rounding alone does not vary.
    still = spread <= 1e-12 * np.abs(pooled).max(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(still, 0, gap / (spread * np.sqrt(1 - 1 / n)))
        left = n - 1 - r**2
        # A row that alone differs has no spread among the others.
        return np.where(left > 1e-9, r * np.sqrt((n - 2) / left), np.sign(r) * np.inf), n - 2


def singly(values: np.ndarray, stated: np.ndarray, alpha: float, size: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
    """Return of each stated value (k,) alone its p among values (N, k), the interval (k, 2) that holds a further draw
    with probability 1 − α, and by what: by counts if it is one out of `size`, by ranks if runs are many, else by t."""
    n = len(values)
    if size:
        known = np.arange(size + 1)
        p = _fisher(values.sum() + known, n + 1, size, known)
        held = known[p > alpha]
        return p[stated.astype(int)], np.array([[held[0], held[-1]]]), "counts"
    if n + 1 >= 2 / alpha:
        tails = np.minimum((values >= stated).sum(axis=0), (values <= stated).sum(axis=0)) + 1
        return np.minimum(1, 2 * tails / (n + 1)), np.quantile(values, [alpha / 2, 1 - alpha / 2], axis=0).T, "ranks"
    half = -special.stdtrit(n - 1, alpha / 2) * values.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)
    around = np.stack([values.mean(axis=0) - half, values.mean(axis=0) + half], axis=1)
    return student(np.vstack([values, stated]))[-1], around, "Student"


def share_beyond(distances: np.ndarray) -> np.ndarray:
    """Per column, the share of rows whose distance is at least the last row's (which counts itself)."""
    return (distances >= distances[-1] * (1 - 1e-12)).mean(axis=0)


def _joined(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the joint p of the last row of p (…, n, k), and whether it lies farther out than every other row."""
    least = p.min(axis=-1)
    return np.minimum(1, p.shape[-1] * least[..., -1]), least[..., -1] < least[..., :-1].min(axis=-1)


def _fisher(right: np.ndarray, batches: int, size: int, stated: float) -> np.ndarray:
    """Return the p of `stated` among `size` images, where `right` of those of all batches are."""
    from scipy import stats  # by the few who count

    total = stats.hypergeom(batches * size, right, size)
    return np.minimum(1, 2 * np.minimum(total.cdf(stated), total.sf(stated - 1)))


def _mahalanobis(pooled: np.ndarray) -> np.ndarray:
    """Distance of every row from the mean of all, in units of their covariance (pseudo-inverse if singular)."""
    centred = pooled - pooled.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    inverse = np.linalg.pinv(np.atleast_2d(centred.T @ centred / len(pooled)), hermitian=True)
    return np.einsum("ij,jk,ik->i", centred, inverse, centred)

"""Ensembles as matrices: a row per replica, a column per figure, and how a stated row is tested against them.

Each loader returns figures on a scale on which replicas spread evenly (logarithms of losses, log-odds of
probabilities), with the function that puts a stated figure on the same scale.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from scripts.verdicts.results import Results
from scripts.verdicts.statistics import Outcome, count_test, ensemble_test, image_test, surprise

CALIBRATED = 1_000_000  # (replica, image) pairs by which a test of images is calibrated, at most
WINDOW = 5  # epochs over which a spread is pooled


class Ensemble(NamedTuple):
    """`values` (replicas, figures) on the test's scale; `names` of the figures; `scale` takes a raw figure there.

    sizes: per figure, what it is a count out of; None for a real number.
    test: takes values, the stated figures (figures,) and alpha; summaries: what it looks at, if not the figures.
    """

    values: np.ndarray
    names: list[str]
    scale: Callable[[np.ndarray], np.ndarray]
    unscale: Callable[[np.ndarray], np.ndarray]
    source: str
    sizes: list[int | None]
    test: Callable[[np.ndarray, np.ndarray, float], Outcome]
    summaries: tuple[str, ...] = ()
    whole: float | None = None  # what the raw figures add up to, if they are parts of a whole


def nearest(ensemble: Ensemble, printed: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Return the figures (figures,), on the test's scale, that may have been printed so and lie closest to the middle:
    rounding, by `half` at most, is given to the answer. Parts of a whole add up to it, as far as rounding lets them."""
    low, high = printed - half, printed + half
    figures = np.clip(ensemble.unscale(np.median(ensemble.values, axis=0)), low, high)
    if ensemble.whole:
        missing = ensemble.whole - figures.sum()
        room = (high if missing > 0 else np.maximum(low, 0)) - figures
        figures += room * min(max(missing / room.sum(), 0), 1) if room.any() else 0
    return ensemble.scale(figures)


def identity(values: np.ndarray) -> np.ndarray:
    return values


def log_odds(p: np.ndarray) -> np.ndarray:
    """Natural log-odds of probabilities, kept finite at 0 and 1 by the smallest float32 probability."""
    tiny = np.finfo(np.float32).tiny
    return np.log(np.maximum(p, tiny)) - np.log(np.maximum(1 - p, tiny))


def each_figure(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    """Test all figures as they are."""
    return ensemble_test(np.vstack([values, stated]), alpha)


def mnist(results: Results, name: str) -> Ensemble:
    """Test loss and hits after each epoch of the replicas of one procedure; an overflowed loss counts as 10^6."""
    rows = [row for file in results.matching(f"mnist/replicas/{name}/*.csv") for row in results[file]]
    epochs = max(row["epoch"] for row in rows)
    by_replica: dict[int, dict[str, float]] = {}
    for row in rows:
        by_replica.setdefault(row["replica"], {})["loss", row["epoch"]] = min(row["loss"], 1e6)
        by_replica[row["replica"]]["correct", row["epoch"]] = row["correct"]
    columns = [(kind, epoch) for kind in ("loss", "correct") for epoch in range(1, epochs + 1)]
    values = np.array([[replica[column] for column in columns] for replica in by_replica.values()], dtype=float)
    names = [f"{kind} {epoch}" for kind, epoch in columns]
    sizes = [None] * epochs + [results["datasets/mnist.json#test.count"]] * epochs
    return Ensemble(values, names, identity, identity, f"mnist/replicas/{name}", sizes, each_figure)


# Fashion-MNIST


def fashion_losses(results: Results, epochs: int) -> Ensemble:
    """Training and test loss sums of the first `epochs` epochs of all runs, as logarithms."""
    runs = [results[file] for file in results.matching("fashion_mnist/runs/*/history.csv")]
    columns = [(kind, epoch) for kind in ("train", "test") for epoch in range(min(epochs, len(runs[0])))]
    values = np.log([[run[epoch][f"{kind}_sum"] for kind, epoch in columns] for run in runs])
    names = [f"{kind} {epoch}" for kind, epoch in columns]
    epochs = len(names) // 2
    summaries = tuple(name for name, first, _ in SUMMARIES if epochs >= first)
    return Ensemble(values, names, np.log, np.exp, "fashion_mnist/runs", [None] * len(names), loss_test, summaries)


# What a table of losses is tested by, fixed beforehand: the name, how many epochs it takes, and whether only large
# values speak against a table. Levels are means of logarithms, of test losses, which may spike, their median; the
# others are logarithms of the largest deviation from the replicas, in units of their spread: of the training loss from
# an even course, of the test loss from its own level.
SUMMARIES = (
    ("early training loss", 1, False),
    ("late training loss", 1, False),
    ("late test loss", 1, False),
    ("test loss before training", 1, False),
    ("largest jump of the training loss", 3, True),
    ("highest test loss beside the others", 3, True),
    ("lowest test loss beside the others", 3, True),
)


def loss_test(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    """Test logarithms of losses (figures,), training before test, by their summaries."""
    pooled = np.vstack([values, stated])
    if len(pooled) >= 1 / alpha:
        rows = [summarised(np.delete(pooled, k, axis=0), row) for k, row in enumerate(pooled)]
    else:
        # Few replicas are compared with each other alone, lest the stated table blunt the measure that it is tested by.
        rows = [summarised(np.delete(values, k, axis=0), row) for k, row in enumerate(values)]
        rows.append(summarised(values, stated))
    epochs = values.shape[1] // 2
    upper = np.array([up for _, first, up in SUMMARIES if epochs >= first])
    return ensemble_test(np.array(rows), alpha, upper)


def summarised(others: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the SUMMARIES of one run's logarithms of losses (figures,), as seen from others (runs, figures)."""
    (train, test), (trains, tests) = np.split(row, 2), np.split(others, 2, axis=1)
    epochs = len(train)
    early, late = slice(max(1, epochs // 4)), slice(epochs // 2, None)
    levels = [train[early].mean(), train[late].mean(), np.median(test[late]), test[0]]
    if epochs < 3:
        return np.array(levels)
    jumps = deviations(np.diff(trains, 2), np.diff(train, 2))
    swings = deviations(_levelled(tests[:, 1:]), _levelled(test[1:]))
    return np.array([*levels, *np.log(np.maximum([abs(jumps).max(), swings.max(), -swings.min()], 1e-3))])


def deviations(others: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return how far a row (epochs,) lies from the mean of others (runs, epochs), in units of their pooled spread."""
    variance = others.var(axis=0, ddof=1) if len(others) > 1 else np.ones(len(row))
    near = np.ones(min(WINDOW, len(row)))
    pooled = np.convolve(variance, near, "same") / np.convolve(np.ones(len(row)), near, "same")
    return (row - others.mean(axis=0)) / np.sqrt(np.maximum(pooled, 1e-30) * (1 + 1 / len(others)))


def _levelled(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=-1, keepdims=True)


def fashion_last_batch(results: Results) -> Ensemble:
    """How many images of the last training batch each run classified right."""
    runs = [results[file] for file in results.matching("fashion_mnist/runs/*/last_batch.csv")]
    values = np.array([[sum(row["label"] == row["predicted"] for row in run)] for run in runs], dtype=float)
    size = len(runs[0])
    bounded = partial(np.clip, a_min=0, a_max=size)
    return Ensemble(values, ["right"], identity, bounded, "fashion_mnist/runs", [size], partial(_counted, size))


def _counted(size: int, values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
    return count_test(values[:, 0], size, stated[0])


def fashion_image(results: Results, index: int) -> Ensemble:
    """The ten probabilities that each run gives test image `index` (from 0), as log-odds."""
    values = log_odds(all_probabilities(results)[:, index].astype(float))
    names = [f"class {c}" for c in range(values.shape[1])]

    def test(values: np.ndarray, stated: np.ndarray, alpha: float) -> Outcome:
        pooled = np.vstack([values, stated])
        if len(pooled) >= 1 / alpha:
            return ensemble_test(pooled, alpha)
        return image_test(pooled, _calibration(results), alpha)

    odds = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    return Ensemble(values, names, log_odds, odds, "fashion_mnist/runs", [None] * len(names), test, whole=1.0)


def all_probabilities(results: Results) -> np.ndarray:
    """Return what all runs say of all test images: (runs, images, classes)."""
    files = results.matching("fashion_mnist/runs/*/probabilities.npz")
    runs = [results[file]["probabilities"] for file in files]  # looked up each time, so that they count as used
    return _stacked(results, len(runs))


@lru_cache(maxsize=1)
def _stacked(results: Results, runs: int) -> np.ndarray:
    files = results.matching("fashion_mnist/runs/*/probabilities.npz")
    return np.stack([results[file]["probabilities"] for file in files])


def sampled(probabilities: np.ndarray) -> np.ndarray:
    """Return log-odds (runs, images, classes) of as many images as a calibration takes, evenly spread."""
    runs, images, _ = probabilities.shape
    return log_odds(probabilities[:, :: -(-runs * images // CALIBRATED)].astype(float))


@lru_cache(maxsize=1)
def _calibration(results: Results) -> np.ndarray:
    return surprise(sampled(all_probabilities(results)).transpose(1, 0, 2)).T

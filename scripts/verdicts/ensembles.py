"""Ensembles as matrices: a row per replica, a column per figure, and the names of the columns.

Each loader returns figures on a scale on which replicas spread evenly (logarithms of losses, log-odds of
probabilities), with the function that puts a stated figure on the same scale.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from scripts.verdicts.results import Results


class Ensemble(NamedTuple):
    """`values` (replicas, figures) on the test's scale; `names` of the figures; `scale` takes a raw figure there.

    sizes: per figure, what it is a count out of; None for a real number.
    """

    values: np.ndarray
    names: list[str]
    scale: Callable[[np.ndarray], np.ndarray]
    unscale: Callable[[np.ndarray], np.ndarray]
    source: str
    sizes: list[int | None]


def identity(values: np.ndarray) -> np.ndarray:
    return values


def log_odds(p: np.ndarray) -> np.ndarray:
    """Natural log-odds of probabilities, kept finite at 0 and 1 by the smallest float32 probability."""
    tiny = np.finfo(np.float32).tiny
    return np.log(np.maximum(p, tiny)) - np.log(np.maximum(1 - p, tiny))


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
    return Ensemble(values, names, identity, identity, f"mnist/replicas/{name}", sizes)


def fashion_losses(results: Results, epochs: int) -> Ensemble:
    """Training and test loss sums of the first `epochs` epochs of all runs, as logarithms."""
    runs = [results[file] for file in results.matching("fashion_mnist/runs/*/history.csv")]
    columns = [(kind, epoch) for kind in ("train", "test") for epoch in range(min(epochs, len(runs[0])))]
    values = np.log([[run[epoch][f"{kind}_sum"] for kind, epoch in columns] for run in runs])
    names = [f"{kind} {epoch}" for kind, epoch in columns]
    return Ensemble(values, names, np.log, np.exp, "fashion_mnist/runs", [None] * len(names))


def fashion_last_batch(results: Results) -> Ensemble:
    """How many images of the last training batch each run classified right."""
    runs = [results[file] for file in results.matching("fashion_mnist/runs/*/last_batch.csv")]
    values = [[sum(row["label"] == row["predicted"] for row in run)] for run in runs]
    size = len(runs[0])
    bounded = partial(np.clip, a_min=0, a_max=size)
    return Ensemble(np.array(values, dtype=float), ["right"], identity, bounded, "fashion_mnist/runs", [size])


def fashion_image(results: Results, index: int) -> Ensemble:
    """The ten probabilities that each run gives test image `index` (from 0), as log-odds."""
    runs = [results[file]["probabilities"] for file in results.matching("fashion_mnist/runs/*/probabilities.npz")]
    values = log_odds(np.array([run[index] for run in runs], dtype=float))
    names = [f"class {c}" for c in range(values.shape[1])]
    return Ensemble(values, names, log_odds, lambda x: 1 / (1 + np.exp(-x)), "fashion_mnist/runs", [None] * len(names))

"""How sure the reference run is on the whole test set, and how often it is right when it is sure.

Answers what a sample of three images cannot: how often one class dominates, how well the probabilities are calibrated,
which classes are confused most, which mistakes are most confident, and the accuracy with an interval.
"""

from collections import Counter
from math import sqrt
from statistics import NormalDist

import numpy as np

from scripts.fashion_mnist.classes import NAMES
from scripts.shared.exact import added

BINS = 10  # of the top probability
MISTAKES = 12  # most confident ones listed
CONFUSIONS = 5  # most frequent pairs listed


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share that `hits` of `count` estimate.

    Its ends are the shares p of which the estimate lies 1.96 standard errors, √(p (1 − p) / count), away.
    """
    z = NormalDist().inv_cdf(0.975)
    centre = hits + z**2 / 2
    half = z * sqrt(hits * (count - hits) / count + z**2 / 4)
    return tuple(min(max(end / (count + z**2), 0.0), 1.0) for end in (centre - half, centre + half))


def calibration(top: np.ndarray, right: np.ndarray) -> list[dict]:
    """Tabulate top probabilities (n,) and whether the prediction is right (n,), a row per bin of the top probability.

    A row has the bin's edges, its images, their mean top probability and their accuracy; an empty bin has neither, and
    what is no number is in no bin.
    """
    bin_of = np.minimum((np.nan_to_num(top, nan=-1) * BINS).astype(int), BINS - 1)
    rows = []
    for b in range(BINS):
        inside = bin_of == b
        images = int(inside.sum())
        rows.append(
            {
                "from": b / BINS,
                "to": (b + 1) / BINS,
                "images": images,
                "mean_probability": float(top[inside].mean()) if images else None,
                "accuracy": float(right[inside].mean()) if images else None,
            }
        )
    return rows


def confidence(probabilities: np.ndarray, labels: np.ndarray, samples: int) -> tuple[dict, list[dict]]:
    """Judge probabilities (n, 10) against labels (n,); return the values and the calibration table."""
    count = len(labels)
    predicted, top = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(float)
    right = predicted == labels
    hits = int(right.sum())
    low, high = interval(hits, count)
    table = calibration(top, right)
    gaps = (row["images"] * abs(row["mean_probability"] - row["accuracy"]) for row in table if row["images"])
    pairs = Counter(zip(labels[~right].tolist(), predicted[~right].tolist(), strict=True))
    frequent = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS]
    sure = np.flatnonzero(~right)[np.argsort(-top[~right], kind="stable")][:MISTAKES]
    return {
        "count": count,
        "correct": hits,
        "wrong": count - hits,
        "accuracy": hits / count,
        "accuracy_from": low,
        "accuracy_to": high,
        "dominated": int((top > 0.5).sum()),
        "dominated_share": float((top > 0.5).mean()),
        "dominated_but_wrong": int((~right & (top > 0.5)).sum()),
        "all_samples_right": (hits / count) ** samples,
        "all_samples_dominated": float((top > 0.5).mean() ** samples),
        "largest_deviation_from_one": float(np.abs(probabilities.astype(float).sum(axis=1) - 1).max()),
        "calibration_error": added(gaps) / count if np.isfinite(top).all() else None,
        "confusions": [
            {"label": a, "predicted": b, "name": NAMES[a], "predicted_name": NAMES[b], "images": n}
            for (a, b), n in frequent
        ],
        "mistakes": [
            {"number": int(i) + 1, "label": int(labels[i]), "predicted": int(predicted[i]), "name": NAMES[labels[i]],
             "predicted_name": NAMES[predicted[i]], "probability": float(top[i])}
            for i in sure
        ],
    }, table  # fmt: skip

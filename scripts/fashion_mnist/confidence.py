"""How sure the reference run is on the whole test set, and how often it is right when it is sure.

Answers what a sample of three images cannot: how often one class dominates, how well the probabilities are calibrated,
which classes are confused most, which mistakes are most confident, and the accuracy with an interval.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from scripts.fashion_mnist.model import NAMES
from scripts.shared.step import run, write_csv, write_json

BINS = 10  # of the top probability
MISTAKES = 12  # most confident ones listed
CONFUSIONS = 5  # most frequent pairs listed


def confidence(probabilities: np.ndarray, labels: np.ndarray, samples: int) -> tuple[dict, pd.DataFrame]:
    """Judge probabilities (n, 10) against labels (n,); return the values and the calibration table.

    The accuracy is given with Wilson's 95 % interval.

    The table has a row per bin of the top probability: lower and upper edge, images, their mean top probability and
    accuracy (empty bins have neither).
    """
    count = len(labels)
    predicted, top = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(float)
    right = predicted == labels
    hits = int(right.sum())
    low, high = map(float, binomtest(hits, count).proportion_ci(method="wilson"))
    bin_of = np.minimum((top * BINS).astype(int), BINS - 1)
    rows = []
    for b in range(BINS):
        inside = bin_of == b
        images = int(inside.sum())
        means = (top[inside].mean(), right[inside].mean()) if images else (None, None)
        rows.append((b / BINS, (b + 1) / BINS, images, *means))
    table = pd.DataFrame(rows, columns=["from", "to", "images", "mean_probability", "accuracy"])
    filled = table[table["images"] > 0]
    gap = (filled["mean_probability"] - filled["accuracy"]).abs()
    pairs = pd.Series(list(zip(labels[~right].tolist(), predicted[~right].tolist(), strict=True))).value_counts(
        sort=False
    )
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
        "calibration_error": float((gap * filled["images"]).sum() / count),
        "confusions": [
            {"label": a, "predicted": b, "name": NAMES[a], "predicted_name": NAMES[b], "images": int(n)}
            for (a, b), n in frequent
        ],
        "mistakes": [
            {"number": int(i) + 1, "label": int(labels[i]), "predicted": int(predicted[i]), "name": NAMES[labels[i]],
             "predicted_name": NAMES[predicted[i]], "probability": float(top[i])}
            for i in sure
        ],
    }, table  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--probabilities", required=True, help="NPZ of the reference run")
    parser.add_argument("--samples", type=int, required=True, help="size of the sample that is shown")
    parser.add_argument("--confidence", required=True, help="JSON to write")
    parser.add_argument("--calibration", required=True, help="CSV to write")
    args = parser.parse_args()
    with np.load(args.data) as data, np.load(args.probabilities) as outputs:
        values, table = confidence(outputs["probabilities"], data["test_labels"], args.samples)
    write_json(args.confidence, values)
    write_csv(args.calibration, table)


if __name__ == "__main__":
    run(main)

"""Results with the document's values, in place of a full run: what tests of the verdicts on values are judged by.

Its Fashion-MNIST runs are invented: the document's losses, batches and images are no draws of them.
"""

import random
from functools import cache

import numpy as np
from project import ROOT, SET

from scripts.problem_set.read import read_set
from scripts.relu.fit import fit
from scripts.relu.network import read_points
from scripts.verdicts.results import Results

DEEP = read_set(ROOT / "problem_sets" / SET)
KNOWN = DEEP.claims
NAMES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
ROWS = {
    "W1": [-0.008266630012, 0.017402510034, -0.01155122041],
    "W2": [0.204110413, 0.165736579, -0.011783142],
    "W3": [0.066678523, -0.123056048, 0.188647501],
}
FORWARD = {"pre_activations": ["-1", "3", "1", "-1"], "activations": ["0", "3", "1", "0"], "value": "-3"}
GRADIENT = {
    "output_weights": ["0", "3", "1", "0"],
    "output_bias": ["1"],
    "hidden_weights": ["0", "-2", "-2", "0"],
    "hidden_biases": ["0", "-1", "-1", "0"],
}
MEANS, SPREADS = (6789, 6662, 6689), (305, 340, 410)  # of the hits after epochs 1 to 3


class StandIn(Results):
    """Holds what is given, in place of files."""

    def __init__(self, files: dict[str, object]):
        super().__init__("results", sorted(files))
        self._files = files


@cache
def stand_in() -> StandIn:
    """Return them, always the same."""
    draw = random.Random(1)
    split = {"count": 60000, "first_label": 9, "pixel_range": [0, 255]}
    files = {
        **{f"datasets/{name}.json": {"train": split, "test": {"count": 10000}} for name in ("fashion-mnist", "mnist")},
        "fashion_mnist/model.json": {
            "batch": {"images": [64, 1, 28, 28], "labels": [64]},
            "image_shape": [1, 28, 28],
            "last_batch": 32,
            "names": NAMES,
            "test_batches": 157,
            "train_batches": 938,
            "trained": {"epochs": 25, "widths": [784, 256, 128, 64, 10]},
            "training": {"epochs": 25, "learning_rate": 0.01, "momentum": 0},
            "widths": [784, 256, 128, 64, 10],
        },
        "mnist/divergence.json": {"raw": {"images_to_differ": 2000}},
        "mnist/initial.json": {
            "first_rows": {name: row + [draw.gauss(0, 0.1) for _ in range(7)] for name, row in ROWS.items()}
        },
        "mnist/history.csv": [{"test_loss": 2.3734592163544224, "correct": 880, "count": 10000, "accuracy": 0.088}],
        "relu/network.json": {"x": "2", "forward": FORWARD, "backward": {"gradient": GRADIENT}},
        "l1_regression/example.json": {
            "l1": {"zero_gradient_has_no_solution": True},
            "descent": {"diminishing": {"gap": 0.001}},
        },
        "fashion_mnist/evaluation.json": {"trend": {"largest_training_rise": -5.0, "test_change": -100.0}},
        "mnist/summary.json": {
            "stable": True,
            "accuracy_before": 0.088,
            "mean_accuracy": 0.67,
            "weight_traffic_ratio": 128,
        },
        "fashion_mnist/confidence.json": {
            "wrong": 1390,
            "dominated_but_wrong": 1000,
            "all_samples_right": 0.64,
            "largest_deviation_from_one": 1e-7,
            "all_samples_dominated": 0.83,
        },
    }
    for k in (1, 2):
        files[f"relu/dataset-{k}.json"] = fit(read_points(DEEP.folder / f"data/dataset-{k}.txt"))
    files["mnist/replicas/ulp/0.csv"] = [
        {"replica": i, "epoch": epoch, "correct": round(draw.gauss(mean, sd)), "loss": draw.gauss(0.95, 0.05)}
        for i in range(99)
        for epoch, (mean, sd) in enumerate(zip(MEANS, SPREADS, strict=True), 1)
    ]
    for spec in DEEP.formulas.values():
        record = {"sizes": [{"routes": {}}], "note": "", "strictly_convex": True, "completes_the_square": True}
        files.setdefault(f"derivations/{spec['item']}.json", {})[spec["id"]] = record
    rng = np.random.default_rng(1)
    odds = rng.normal(size=(10000, 10)) * 4
    files["datasets/fashion-mnist.npz"] = {"test_labels": odds.argmax(axis=1)}
    for run in range(9):
        wrong = draw.randint(3, 6)
        files[f"fashion_mnist/runs/{run}/last_batch.csv"] = [
            {"label": 1, "predicted": int(position >= wrong)} for position in range(32)
        ]
        files[f"fashion_mnist/runs/{run}/history.csv"] = [
            {"epoch": epoch, "train_sum": (900 + draw.gauss(0, 9)) / (1 + epoch), "test_sum": 200 + draw.gauss(0, 9)}
            for epoch in range(25)
        ]
        u = np.exp(odds + rng.normal(size=odds.shape) / 4)
        files[f"fashion_mnist/runs/{run}/probabilities.npz"] = {"probabilities": u / u.sum(axis=1, keepdims=True)}
    return StandIn(files)

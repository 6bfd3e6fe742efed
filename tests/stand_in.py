"""Results with the document's figures, in place of a full run: what tests of the verdicts on figures are judged by."""

import random
from functools import cache

from project import ROOT

from scripts.relu.fit import fit
from scripts.relu.network import read_points
from scripts.verdicts.results import Results

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
    def __init__(self, files: dict[str, object]):
        super().__init__("results", sorted(files))
        self._files = files


@cache
def stand_in() -> Results:
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
            "training": {"epochs": 25, "learning_rate": 0.01, "momentum": 0},
            "widths": [784, 256, 128, 64, 10],
        },
        "mnist/initial.json": {
            "first_rows": {name: row + [draw.gauss(0, 0.1) for _ in range(7)] for name, row in ROWS.items()}
        },
        "mnist/history.csv": [{"test_loss": 2.3734592163544224, "correct": 880, "count": 10000, "accuracy": 0.088}],
        "analytic/backprop.json": {"network": {"forward": FORWARD, "backward": {"gradient": GRADIENT}}},
        "analytic/squares.json": {
            "curvature": [{"positive_definite": True}],
            "identity": {"proved_for_every_n": True},
        },
        "analytic/l1.json": {
            "example": {
                "l1": {"zero_gradient_has_no_solution": True, "unique": True},
                "descent": {"diminishing": {"gap": 0.001}},
            }
        },
        "fashion_mnist/evaluation.json": {"trend": {"largest_training_rise": -5.0, "test_change": -100.0}},
        "mnist/stability.json": {
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
        files[f"relu/dataset-{k}.json"] = fit(read_points(ROOT / f"questions/dataset-{k}.txt"))
    files["mnist/replicas/ulp/0.csv"] = [
        {"replica": i, "epoch": epoch, "correct": round(draw.gauss(mean, sd)), "loss": draw.gauss(0.95, 0.05)}
        for i in range(99)
        for epoch, (mean, sd) in enumerate(zip(MEANS, SPREADS, strict=True), 1)
    ]
    for run in range(9):
        wrong = draw.randint(3, 6)
        files[f"fashion_mnist/runs/{run}/last_batch.csv"] = [
            {"label": 1, "predicted": int(position >= wrong)} for position in range(32)
        ]
    return StandIn(files)

"""Plots of the Fashion-MNIST training and of what the model says."""

import numpy as np

from scripts.report.page.formats import shown
from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import column, stated
from scripts.report.plots.svg import BLUE, INK, ORANGE, VERMILION, plot


def losses(results: Sources, evidence: dict, parts: dict[str, str]):
    """Draw the mean losses by epoch: this run, the band of all runs, and what is stated.

    parts: under which name the column of a table ("train_sum") was stated.
    """
    runs = [results[name] for name in results.matching("fashion_mnist/runs/*/history.csv")]
    model = results["fashion_mnist/model.json"]
    figure, axes = plot(4.8, 3.8)
    epochs = column(runs[0], "epoch")
    ends = []
    for kind, colour, dash, marker in (("train", BLUE, "-", "o"), ("test", VERMILION, "--", "s")):
        curves = np.array([column(run, f"{kind}_mean") for run in runs])
        word = {"train": "training", "test": "test"}[kind]
        axes.fill_between(epochs, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.22, linewidth=0)
        axes.plot(epochs, curves[0], dash, color=colour, label=f"{word} loss, this run")
        batches = model[f"{kind}_batches"]
        most = curves[np.isfinite(curves)].max(initial=0)
        points = stated(evidence, parts.get(f"{kind}_sum", ""), 2 * most * batches) / batches
        axes.plot(
            range(len(points)), points, marker, color=colour, markerfacecolor="none", markersize=4.5,
            linestyle="none", label=f"{word} loss, stated",
        )  # fmt: skip
        ends.append(f"{word} loss from {shown(curves[0][0], '.2f')} to {shown(curves[0][-1], '.2f')}")
    axes.set(xlabel="epoch", ylabel="mean cross-entropy per batch (nats)", ylim=(0, None))
    axes.legend(ncols=2)
    return figure, "Fashion-MNIST training and test loss by epoch", (
        f"Over {len(epochs)} epochs: {' and '.join(ends)}; bands span {len(runs)} runs, open marks are stated figures."
    )  # fmt: skip


def calibration(results: Sources):
    """Draw the share of images classified right over the probability of the predicted class."""
    rows = [row for row in results["fashion_mnist/calibration.csv"] if row["images"]]
    p, share = column(rows, "mean_probability"), column(rows, "accuracy")
    figure, axes = plot(4.4, 3.6)
    axes.plot([0, 1], [0, 1], ":", color=INK, linewidth=0.9, label="perfect calibration")
    axes.plot(p, share, "o-", color=BLUE, markersize=5, label="this run")
    axes.set(xlabel="probability of the predicted class", ylabel="share classified right", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="lower right")
    gap = np.abs(p - share).max(initial=0)
    return figure, "Calibration on the Fashion-MNIST test set", (
        f"{len(rows)} bins of predicted probability; the share classified right differs by at most {gap:.3f}."
    )  # fmt: skip


def sample(results: Sources, k: int):
    """Draw the ten probabilities of the k-th sample image; nothing if there are fewer test images."""
    rows = [row for row in results["fashion_mnist/samples.csv"] if row["sample"] == k]
    if not rows:
        return plot(3.7, 2.7)[0], f"No sample {k}", "There are fewer test images."
    p, names, true = column(rows, "probability"), [row["name"] for row in rows], rows[0]["label"]
    figure, axes = plot(3.7, 2.7)
    labels = [f"{name} (true)" if c == true else name for c, name in enumerate(names)]
    bars = axes.barh(labels, np.nan_to_num(p), color=BLUE, height=0.7)
    bars[true].set_color(ORANGE)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="softmax probability", xlim=(0, 1))
    first, second = np.argsort(-p)[:2]
    likely, next_likely = (shown(p[c], ".3f") for c in (first, second))
    return figure, f"Probabilities of test image {rows[0]['number']}", (
        f"{names[first]} {likely}, then {names[second]} {next_likely}; true class {names[true]}."
    )  # fmt: skip

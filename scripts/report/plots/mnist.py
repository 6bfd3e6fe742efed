"""Plots of the MNIST data, its training and the replicas."""

import numpy as np
from matplotlib.figure import Figure

from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import column, stated
from scripts.report.plots.svg import BLUE, GREEN, INK, VERMILION, plot


def mnist_classes(results: Sources):
    """Draw how many training images each digit has."""
    counts = np.array(results["datasets/mnist.json#train.class_counts"])
    figure, axes = plot(4.6, 2.4)
    axes.bar(range(len(counts)), counts, color=BLUE, width=0.7)
    axes.axhline(counts.mean(), color=INK, linewidth=0.8, linestyle="--", label="mean")
    axes.set(xlabel="digit", ylabel="training images", xticks=range(len(counts)))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1))
    return figure, "MNIST training images per class", (
        f"From {counts.min()} (digit {counts.argmin()}) to {counts.max()} (digit {counts.argmax()})."
    )  # fmt: skip


def replicas(results: Sources, name: str) -> dict[int, np.ndarray]:
    """Return the number of test images classified right after each epoch, over all replicas of an ensemble."""
    rows = [row for file in results.matching(f"mnist/replicas/{name}/*.csv") for row in results[file]]
    epochs = sorted({row["epoch"] for row in rows})
    return {epoch: np.array([row["correct"] for row in rows if row["epoch"] == epoch]) for epoch in epochs}


def accuracy(results: Sources, evidence: dict, part: str):
    """Draw the hits by epoch: this run, its replicas, the cured training, and those stated under the name `part`."""
    history = results["mnist/history.csv"]
    raw, cured = replicas(results, "ulp"), replicas(results, "pixels-scaled")
    points = stated(evidence, part, history[0]["count"])
    epochs, correct = column(history, "epoch"), column(history, "correct")
    figure, axes = plot(4.6, 3.4)
    low, high = ([correct[0], *(pick(hits) for hits in raw.values())] for pick in (min, max))
    axes.fill_between([0, *raw], low, high, color=BLUE, alpha=0.2, linewidth=0, label="all replicas, raw pixels")
    axes.plot(epochs, correct, "o-", color=BLUE, label="this run, raw pixels")
    axes.plot([*cured], [np.median(hits) for hits in cured.values()], "^--", color=GREEN, label="pixels divided by 255")
    axes.plot(range(1, len(points) + 1), points, "s", color=VERMILION, label="stated",
              markerfacecolor="none", markersize=6)  # fmt: skip
    axes.set(xlabel="epoch", ylabel="test images classified right", xticks=epochs, ylim=(0, history[0]["count"]))
    axes.legend(loc="lower right")
    return figure, "MNIST test hits by epoch", (
        f"This run goes from {correct[0]:g} to {correct[-1]:g}; replicas spread from {min(low[1:])} to {max(high)}; "
        f"with pixels divided by 255 the median after the last epoch is {np.median([*cured.values()][-1]):g}."
    )  # fmt: skip


def divergence(results: Sources):
    """Draw the distance of two trainings that start next to each other, on raw and on scaled pixels."""
    rows = results["mnist/divergence.csv"]
    steps = column(rows, "step")
    figure, axes = plot(4.6, 3.4)
    for kind, colour, dash, label in (("raw", VERMILION, "-", "raw pixels"), ("scaled", BLUE, "--", "divided by 255")):
        axes.plot(steps, column(rows, kind), dash, color=colour, label=label)
    axes.set(xlabel="training images seen", ylabel="relative distance of W₁", yscale="log")
    axes.set_xscale("symlog", linthresh=100, linscale=1.2)
    axes.set_xticks(ticks := [0, 50, 100, 1000, 10000, 60000], [str(tick) for tick in ticks])
    axes.set_xlim(0, steps[-1])
    axes.minorticks_off()
    axes.legend(loc="center right")
    last = rows[-1]
    return figure, "Distance of two trainings that start one part in a thousand million million apart", (
        f"After {last['step']} images the distance is {last['raw']:.2g} with raw pixels, {last['scaled']:.2g} with "
        "pixels divided by 255."
    )  # fmt: skip


def replica_histogram(results: Sources, evidence: dict, part: str):
    """Draw, epoch by epoch, how the replicas' hits spread and where those stated under the name `part` lie."""
    raw, scaled = replicas(results, "ulp"), replicas(results, "pixels-scaled")
    points = stated(evidence, part, results["mnist/history.csv#0.count"])
    figure = Figure(figsize=(4.8, 4.4), layout="constrained")
    panels = figure.subplots(len(raw), sharex=True, squeeze=False)[:, 0]
    low = min(hits.min() for hits in raw.values())
    bins = np.arange(low - low % 100, max(hits.max() for hits in scaled.values()) + 101, 100)
    for panel, (epoch, hits) in zip(panels, raw.items(), strict=True):
        panel.hist(hits, bins, color=BLUE, alpha=0.75, histtype="stepfilled", label=f"{len(hits)} replicas, raw pixels")
        panel.plot(scaled[epoch], np.full(len(scaled[epoch]), 2), "^", color=GREEN, markersize=7,
                   label=f"{len(scaled[epoch])} replicas, pixels divided by 255")  # fmt: skip
        if epoch <= len(points) and np.isfinite(points[epoch - 1]):
            panel.axvline(points[epoch - 1], color=VERMILION, linestyle="--", label="stated")
        panel.set(ylabel=f"epoch {epoch}")
    panels[-1].set(xlabel="test images classified right")
    panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    spread = "; ".join(f"epoch {epoch}: {hits.min()} to {hits.max()}" for epoch, hits in raw.items())
    marks = ", ".join(f"{point:g}" if np.isfinite(point) else "beyond the plot" for point in points)
    return figure, "Histograms of replica hits after each epoch", (
        f"Raw pixels, {spread}. Stated: {marks or 'nothing'}."
    )  # fmt: skip

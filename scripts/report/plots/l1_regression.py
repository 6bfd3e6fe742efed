"""Plots of the worked L1 example."""

from fractions import Fraction

import numpy as np

from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import fractions
from scripts.report.plots.svg import BLUE, INK, VERMILION, plot


def fit(results: Sources):
    """Draw the points, the line of smallest absolute loss and that of least squares; the last column of X is x."""
    example = results["l1_regression/example.json"]
    x, y = fractions(row[-1] for row in example["X"]), fractions(example["Y"])
    lines = {name: fractions(example[name]["W"]) for name in ("l1", "least_squares")}
    figure, axes = plot()
    ends = np.array([x.min() - 0.5, x.max() + 0.5])
    axes.plot(x, y, "o", color=INK, label="data", zorder=3)
    for (name, w), colour, dash in zip(lines.items(), (BLUE, VERMILION), ("-", "--"), strict=True):
        label = {"l1": "smallest L₁ loss", "least_squares": "least squares"}[name]
        axes.plot(ends, w[0] + w[1] * ends, dash, color=colour, label=label)
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    slopes = " and ".join(f"{w[1]:g}" for w in lines.values())
    return figure, "Two straight lines through a few points", (
        f"{len(x)} points; the L1 line and the least-squares line have slopes {slopes}."
    )  # fmt: skip


def descent(results: Sources):
    """Draw how far the loss lies above the optimum, step by step, for constant and for diminishing steps."""
    example = results["l1_regression/example.json"]
    best = float(Fraction(example["l1"]["loss"]))
    figure, axes = plot()
    steps = len(example["descent"]["constant"]["losses"])
    for name, colour, dash in (("constant", VERMILION, ":"), ("diminishing", BLUE, "-")):
        run = example["descent"][name]
        every, lowest = (np.array(run[part]) - best for part in ("losses", "best_losses"))
        axes.plot(np.where(every > 0, every, np.nan), color=colour, linewidth=0.6, alpha=0.4)
        axes.plot(np.where(lowest > 0, lowest, np.nan), dash, color=colour, label=f"{name} step, best so far")
    axes.set(xlabel="step", ylabel="L₁ loss above the optimum", yscale="log", xlim=(0, steps - 1))
    axes.minorticks_off()
    axes.legend()
    gaps = {name: run["gap"] for name, run in example["descent"].items()}
    return figure, "Loss of subgradient descent", (
        f"From {example['descent']['constant']['losses'][0]:g}, with the constant step the best loss stays "
        f"{gaps['constant']:.3g} above the optimum {best:g}, with diminishing steps {gaps['diminishing']:.3g}."
    )  # fmt: skip

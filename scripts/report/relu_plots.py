"""Plots of the two datasets of P3a with the stated and the constructed networks."""

from fractions import Fraction

import numpy as np

from scripts.report.numbers import fractions
from scripts.report.provenance import Sources
from scripts.report.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
DASHES = ((0, ()), (0, (6, 2)), (0, (4, 1.5, 1, 1.5)), (0, (1.5, 1)))
MOST = 8  # hidden units that the legend has room for


def network(results: Sources, points: list, parts: dict | None, title: str):
    """Plot a dataset, the lines of a network's hidden units (faint where relu cuts them off) and the network's sum."""
    x, y = (fractions(point[i] for point in points) for i in (0, 1))
    figure, axes = plot(4.4, 3.5)
    fine = np.linspace(x[0], x[-1], 481)
    described = "no readable network was stated"
    if parts:
        units = [fractions(parts[name]) for name in ("hidden_weights", "hidden_biases", "output_weights")]
        total = np.full_like(fine, float(Fraction(parts["output_bias"])))
        for j, (w, b, w_o) in enumerate(zip(*units, strict=True)):
            line = w * fine + b
            total += w_o * np.maximum(line, 0)
            style = {"color": COLOURS[j % 5], "dashes": DASHES[j % 4][1], "linewidth": 1.1}
            label = f"unit {j + 1}" if len(units[0]) <= MOST else None
            axes.plot(fine, np.where(line >= 0, w_o * line, np.nan), label=label, **style)
            axes.plot(fine, np.where(line <= 0, w_o * line, np.nan), alpha=0.25, **style)
        axes.plot(fine, total, color=INK, linewidth=1.8, label="network")
        error = np.abs(np.interp(x, fine, total) - y).max()
        described = f"the network of {len(units[0])} hidden units is off by up to {error:g}"
        low, high = min(total.min(), y.min()), max(total.max(), y.max())
        axes.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
    axes.plot(
        x, y, "o", color=VERMILION, markeredgecolor=INK, markeredgewidth=0.6, markersize=5.5, label="data", zorder=4
    )
    axes.set(xlabel="x", ylabel="y")
    axes.legend(ncols=3, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
    return figure, title, f"{len(x)} points with y from {y.min():g} to {y.max():g}; {described}."


def stated_network(dataset: int):
    def draw(results: Sources, evidence: dict):
        points, title = results[f"relu/dataset-{dataset}.json#points"], f"Dataset {dataset} with the stated network"
        return network(results, points, evidence.get("network"), title)

    return draw


def corrected_network(dataset: int):
    def draw(results: Sources):
        fit = results[f"relu/dataset-{dataset}.json"]
        return network(results, fit["points"], fit["network"], f"Dataset {dataset} with the constructed network")

    return draw

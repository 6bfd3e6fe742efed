"""Plots of the two datasets of P3a with the stated and the constructed networks."""

from fractions import Fraction

import numpy as np

from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import fractions
from scripts.report.plots.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
DASHES = ((), (6, 2), (4, 1.5, 1, 1.5), (1.5, 1))
MOST = 8  # hidden units that the legend has room for


def breaks(ends: tuple, units: list[tuple]) -> list[Fraction]:
    """Return the ends and, between them, where units (hidden weight, hidden bias, output weight) bend, in order."""
    bends = (-b / w for w, b, _ in units if w)
    return sorted({*ends, *(x for x in bends if ends[0] < x < ends[1])})


def network(results: Sources, points: list, parts: dict | None, title: str):
    """Plot a dataset, the lines of a network's hidden units (faint where relu cuts them off) and the network's sum.

    Every line is drawn from its break points alone, which are worked out exactly: between them it is straight.
    """
    figure, axes = plot(4.4, 3.8)
    x, y = (fractions(point[i] for point in points) for i in (0, 1))
    described = "no readable network was stated"
    if parts:
        names = ("hidden_weights", "hidden_biases", "output_weights")
        units = list(zip(*(map(Fraction, parts[name]) for name in names), strict=True))
        bias = Fraction(parts["output_bias"])
        ends = Fraction(points[0][0]), Fraction(points[-1][0])

        def value(at: Fraction) -> float:
            return float(bias + sum(w_o * max(w * at + b, 0) for w, b, w_o in units))

        sums = [(at, value(at)) for at in breaks(ends, units)]
        seen = [*y, float(bias), *(f for _, f in sums)]
        # Under the units and let through, so that a unit which is all of the network somewhere shows on it.
        axes.plot(*np.array(sums, float).T, color=INK, alpha=0.55, linewidth=4.6, zorder=2, label="network")
        for j, unit in enumerate(units):
            w, b, w_o = unit
            bends = breaks(ends, [unit])
            on, off = (
                [float(w_o * (w * at + b)) if sign * (w * at + b) >= 0 else np.nan for at in bends] for sign in (1, -1)
            )
            style = {"color": COLOURS[j % 5], "dashes": DASHES[j % 4]}
            label = f"unit {j + 1}" if len(units) <= MOST else None
            axes.plot(fractions(bends), on, linewidth=1.5, zorder=3, label=label, **style)
            axes.plot(fractions(bends), off, linewidth=0.8, zorder=1, alpha=0.35, **style)
            seen += [part for part in on if np.isfinite(part)]
        if bias:
            axes.axhline(float(bias), color=INK, linewidth=0.8, linestyle=":", zorder=1, label="output bias")
        error = max(abs(value(Fraction(at)) - goal) for (at, _), goal in zip(points, y, strict=True))
        described = f"the network of {len(units)} hidden units is off by up to {error:g}"
        margin = 0.06 * (max(seen) - min(seen))
        axes.set_ylim(min(seen) - margin, max(seen) + margin)  # what relu cuts off may leave the plot
    axes.plot(
        x, y, "o", color=VERMILION, markeredgecolor=INK, markeredgewidth=0.6, markersize=5, label="data", zorder=4
    )
    axes.set(xlabel="x", ylabel="y")
    axes.legend(ncols=3, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
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

"""Plots of piecewise-linear data with a stated and the constructed network."""

from fractions import Fraction

import numpy as np

from scripts.relu.network import Network
from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import fractions
from scripts.report.plots.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
DASHES = ((), (6, 2), (4, 1.5, 1, 1.5), (1.5, 1))
MOST = 8  # hidden units that the legend has room for


def read(parts: dict) -> Network:
    """Return the network whose parameters a result file holds as texts."""
    rows = (tuple(map(Fraction, parts[name])) for name in ("hidden_weights", "hidden_biases", "output_weights"))
    return Network(*rows, Fraction(parts["output_bias"]))


def network(points: list, parts: dict | None, title: str):
    """Plot a dataset, the lines of a network's hidden units (faint where relu cuts them off) and the network's sum.

    Every line is drawn from its break points alone, which are worked out exactly: between them it is straight.
    """
    figure, axes = plot(4.4, 3.8)
    x, y = (fractions(point[i] for point in points) for i in (0, 1))
    described = "no readable network was stated"
    if parts:
        net = read(parts)
        first, last = Fraction(points[0][0]), Fraction(points[-1][0])
        bias = float(net.output_bias)
        bends = sorted({first, last, *(at for at in net.breakpoints() if first < at < last)})
        traces = [net.trace(at) for at in bends]
        sums = [float(trace.value) for trace in traces]
        seen = [*y, bias, *sums]
        # Under the units and let through, so that a unit which is all of the network somewhere shows on it.
        axes.plot(fractions(bends), sums, color=INK, alpha=0.55, linewidth=4.6, zorder=2, label="network")
        for j, w_o in enumerate(net.output_weights):
            # At its own bend a unit is 0 and belongs to both parts; those of the others lie on one straight line.
            lines = [(float(trace.pre_activations[j]), float(w_o * trace.pre_activations[j])) for trace in traces]
            on, off = ([line if sign * z >= 0 else np.nan for z, line in lines] for sign in (1, -1))
            style = {"color": COLOURS[j % 5], "dashes": DASHES[j % 4]}
            label = f"unit {j + 1}" if len(net.output_weights) <= MOST else None
            axes.plot(fractions(bends), on, linewidth=1.5, zorder=3, label=label, **style)
            axes.plot(fractions(bends), off, linewidth=0.8, zorder=1, alpha=0.35, **style)
            seen += [part for part in on if np.isfinite(part)]
        if bias:
            axes.axhline(bias, color=INK, linewidth=0.8, linestyle=":", zorder=1, label="output bias")
        error = max(abs(float(net(Fraction(at))) - goal) for (at, _), goal in zip(points, y, strict=True))
        described = f"the network of {len(net.output_weights)} hidden units is off by up to {error:g}"
        margin = 0.06 * (max(seen) - min(seen))
        axes.set_ylim(min(seen) - margin, max(seen) + margin)  # what relu cuts off may leave the plot
    axes.plot(
        x, y, "o", color=VERMILION, markeredgecolor=INK, markeredgewidth=0.6, markersize=5, label="data", zorder=4
    )
    axes.set(xlabel="x", ylabel="y")
    axes.legend(ncols=3, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
    return figure, title, f"{len(x)} points with y from {y.min():g} to {y.max():g}; {described}."


def stated_network(results: Sources, evidence: dict, stem: str):
    """Draw the points of relu/<stem>.json with the network that was stated for them."""
    points = results[f"relu/{stem}.json#points"]
    return network(points, evidence.get("network"), f"{stem.capitalize()} with the stated network")


def corrected_network(results: Sources, stem: str):
    """Draw the points of relu/<stem>.json with the network that was constructed through them."""
    fit = results[f"relu/{stem}.json"]
    return network(fit["points"], fit["network"], f"{stem.capitalize()} with the constructed network")

"""Plots of piecewise-linear data with a stated and the constructed network."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from scripts.relu.network import Network
from scripts.report.page.provenance import Sources
from scripts.report.plots.numbers import fractions
from scripts.report.plots.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
DASHES = ((), (6, 2), (4, 1.5, 1, 1.5), (1.5, 1))
MOST = 8  # hidden units that the legend has room for
REACH = 2


def read(parts: dict) -> Network:
    """Return the network whose parameters a result file holds as texts."""
    rows = (tuple(map(Fraction, parts[name])) for name in ("hidden_weights", "hidden_biases", "output_weights"))
    return Network(*rows, Fraction(parts["output_bias"]))


def playable(points: list, **networks: dict) -> dict:
    """Return points and networks as floats, which a slider on the page moves along: each unit as (w, b, v)."""
    found = []
    for name, parts in networks.items():
        net = read(parts)
        units = zip(net.hidden_weights, net.hidden_biases, net.output_weights, strict=True)
        found.append([name, {"units": [list(map(float, unit)) for unit in units], "bias": float(net.output_bias)}])
    return {"points": [[float(Fraction(part)) for part in point] for point in points], "networks": found}


class Lines(NamedTuple):
    """The graph of a network over some data, by its values at the bends between which it is straight.

    units: those of each hidden unit's line times its output weight: where it is on, and where relu cuts it off (NaN
    elsewhere). sums: those of the whole network.
    """

    bends: np.ndarray
    units: list[tuple[np.ndarray, np.ndarray]]
    sums: np.ndarray
    bias: float

    @property
    def seen(self) -> tuple[float, float]:
        """Return the least and the largest value of what counts, without what relu cuts off."""
        on = np.concatenate([self.sums, [self.bias], *(on[np.isfinite(on)] for on, _ in self.units)])
        return on.min(), on.max()


def lines(points: list, parts: dict) -> Lines:
    """Return the lines of a network from its break points alone, which are worked out exactly."""
    net = read(parts)
    first, last = Fraction(points[0][0]), Fraction(points[-1][0])
    bends = sorted({first, last, *(at for at in net.breakpoints() if first < at < last)})
    traces = [net.trace(at) for at in bends]
    units = []
    for j, w_o in enumerate(net.output_weights):
        # At its own bend a unit is 0 and belongs to both parts; those of the others lie on one straight line.
        z = np.array([float(trace.pre_activations[j]) for trace in traces])
        units.append(tuple(np.where(sign * z >= 0, float(w_o) * z, np.nan) for sign in (1, -1)))
    sums = np.array([float(trace.value) for trace in traces])
    return Lines(fractions(bends), units, sums, float(net.output_bias))


def limits(y: np.ndarray, networks: list[Lines]) -> tuple[float, float]:
    """Return the least and largest y of plots that are to be compared: of the data, and of the networks, the last of
    which fits. What the others say beyond REACH times the span of that leaves the plot, lest all else be one line."""
    spans = [(y.min(), y.max()), *(network.seen for network in networks)]
    low, high = min(y.min(), spans[-1][0]), max(y.max(), spans[-1][1])
    reach = REACH * (high - low)
    low, high = max(low - reach, min(span[0] for span in spans)), min(high + reach, max(span[1] for span in spans))
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def network(points: list, parts: dict | None, title: str, beside: tuple = ()):
    """Plot a dataset, the lines of a network's hidden units (faint where relu cuts them off) and the network's sum.

    beside: the networks whose plots are to be compared with this one, the last of which fits: they share its axes.
    """
    figure, axes = plot(4.4, 3.8)
    x, y = (fractions(point[i] for point in points) for i in (0, 1))
    compared = [lines(points, one) for one in (beside or (parts,)) if one]
    described = "no readable network was stated"
    if parts:
        net, drawn = read(parts), lines(points, parts)
        # Under the units and let through, so that a unit which is all of the network somewhere shows on it.
        axes.plot(drawn.bends, drawn.sums, color=INK, alpha=0.55, linewidth=4.6, zorder=2, label="network")
        for j, (on, off) in enumerate(drawn.units):
            style = {"color": COLOURS[j % 5], "dashes": DASHES[j % 4]}
            label = f"unit {j + 1}" if len(drawn.units) <= MOST else None
            axes.plot(drawn.bends, on, linewidth=1.5, zorder=3, label=label, **style)
            axes.plot(drawn.bends, off, linewidth=0.8, zorder=1, alpha=0.35, **style)
        if drawn.bias:
            axes.axhline(drawn.bias, color=INK, linewidth=0.8, linestyle=":", zorder=1, label="output bias")
        error = max(abs(float(net(Fraction(at))) - goal) for (at, _), goal in zip(points, y, strict=True))
        described = f"the network of {len(net.output_weights)} hidden units is off by up to {error:g}"
    if compared:
        axes.set_ylim(limits(y, compared))
    axes.plot(
        x, y, "o", color=VERMILION, markeredgecolor=INK, markeredgewidth=0.6, markersize=5, label="data", zorder=4
    )
    axes.set(xlabel="x", ylabel="y")
    axes.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))  # by the limits alone, whatever the legend's size
    axes.legend(ncols=3, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
    return figure, title, f"{len(x)} points with y from {y.min():g} to {y.max():g}; {described}."


def stated_network(results: Sources, evidence: dict, stem: str):
    """Draw the points of relu/<stem>.json with the network that was stated for them."""
    return _of_pair(results, evidence, stem, 0, f"{stem.capitalize()} with the stated network")


def corrected_network(results: Sources, evidence: dict, stem: str):
    """Draw the points of relu/<stem>.json with the network that was constructed through them."""
    return _of_pair(results, evidence, stem, 1, f"{stem.capitalize()} with the constructed network")


def _of_pair(results: Sources, evidence: dict, stem: str, which: int, title: str):
    fit = results[f"relu/{stem}.json"]
    pair = evidence.get("network"), fit["network"]
    return network(fit["points"], pair[which], title, pair)

"""Plots of sweeps: accuracy and loss by epoch, and accuracy along a hyperparameter."""

import math
from collections.abc import Iterable

from matplotlib.ticker import MaxNLocator, NullLocator

from scripts.report.page.formats import shown
from scripts.report.page.provenance import Sources
from scripts.report.plots.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot

STYLES = (
    (BLUE, "-", "o"),
    (VERMILION, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (ORANGE, (0, (5, 1, 1, 1, 1, 1)), "v"),
)
TICKS = 8  # values that have their own place on an axis
WIDE = 60  # letters of a legend beside each other, with eight for each label's line
MARKS = 60  # runs along a line that are drawn one by one; a band tells of more
FAINT = 200  # lines that are not in colour


def words(values: dict, keys: Iterable[str]) -> str:
    """Return the values of some hyperparameters as a legend has them: 0.01, scaled."""
    named = (values[key] for key in keys)
    return ", ".join("-".join(map(str, one)) if isinstance(one, list) else shown(one) for one in named)


def title(keys: Iterable[str]) -> str:
    """Return the names of hyperparameters as words."""
    return ", ".join(keys).replace("_", " ")


def numbers(rows: list[dict], name: str) -> list[float]:
    """Return one column of a table, with NaN where nothing stands."""
    return [math.nan if row[name] == "" else float(row[name]) for row in rows]


def best_first(found: dict) -> list[int]:
    """Return the numbers of all settings, those in which a run diverged behind the others."""
    return [*found["ranking"], *(i for i in range(len(found["settings"])) if i not in found["ranking"])]


def within(axes, shares: Iterable[float]) -> None:
    """Keep an axis of accuracies within what these can be; it has all of that where there are none."""
    low, high = axes.get_ylim()
    drawn = any(map(math.isfinite, shares))
    axes.set(ylabel="test accuracy", ylim=(max(low, 0), min(high, 1)) if drawn else (0, 1))


def faint(axes, lines: Iterable[tuple[list[float], list[float]]]) -> None:
    """Draw lines that are there for comparison alone, as one element of the page."""
    for_all = [[value for line in axis for value in (*line, math.nan)] for axis in zip(*lines, strict=True)]
    axes.plot(*for_all, color=INK, alpha=0.25, linewidth=0.7)


def legend(axes, keys: Iterable[str]) -> None:
    """Put a legend above a plot, in as many columns as its labels leave room for."""
    longest = max(map(len, axes.get_legend_handles_labels()[1]))
    axes.legend(title=title(keys), loc="lower left", bbox_to_anchor=(0, 1), ncols=max(1, min(3, WIDE // (longest + 8))))


def curves(results: Sources, experiment: str):
    """Draw test accuracy and test loss by epoch: of each setting the mean, and the band of its runs.

    With more settings than colours, these go to the best.
    """
    found, rows = (results[f"sweeps/{experiment}/{file}"] for file in ("settings.json", "curves.csv"))
    order, several = best_first(found), len(found["values"]["seed"]) > 1
    own = {index: [] for index in order}
    for row in rows:
        own[row["setting"]].append(row)
    figure, _ = plot(4.7, 5.2)
    figure.clear()
    panels = figure.subplots(2, sharex=True)
    for panel, what in zip(panels, ("accuracy", "loss"), strict=True):
        drawn = {i: [numbers(own[i], key) for key in ("epoch", f"{what}_mean")] for i in order}
        if others := [i for i in order[len(STYLES) : FAINT] if found["settings"][i]["accuracy"]["mean"] is not None]:
            faint(panel, (drawn[index] for index in others))
        for index, (colour, dash, marker) in zip(sorted(order[: len(STYLES)]), STYLES, strict=False):
            least, most = (numbers(own[index], f"{what}_{key}") for key in ("least", "most"))
            label = words(found["settings"][index]["values"], found["varied"]) or ("mean" if several else "run")
            panel.fill_between(drawn[index][0], least, most, color=colour, alpha=0.2, linewidth=0)
            panel.plot(*drawn[index], color=colour, linestyle=dash, marker=marker, label=label)
    if not any(map(math.isfinite, numbers(rows, "loss_mean"))):
        panels[1].set_ylim(0, 1)
    losses = [loss for loss in numbers(rows, "loss_mean") if loss > 0]
    if losses and max(losses) > 20 * min(losses):
        panels[1].set_yscale("log")
    within(panels[0], numbers(rows, "accuracy_mean"))
    epochs = max(found["values"]["epochs"])
    panels[1].set(xlim=(-0.05 * epochs, 1.05 * epochs), xlabel="epochs trained", ylabel="test loss (nats per image)")
    panels[1].xaxis.set_major_locator(MaxNLocator(integer=True))
    legend(panels[0], found["varied"])
    return figure, "Test accuracy and test loss by epoch", (
        f"Settings: {len(found['settings'])}; runs: {found['runs']}."
        f"{' Lines are means, bands span the runs of a setting.' if several else ''}"
    )  # fmt: skip


def along(results: Sources, experiment: str, key: str):
    """Draw the accuracy after the last epoch over the values of one hyperparameter: each run, and means as lines.

    Settings that differ in another hyperparameter get a line each; only the best are in colour, and with their runs.
    """
    found, rows = (results[f"sweeps/{experiment}/{file}"] for file in ("settings.json", "runs.csv"))
    settings, several = found["settings"], len(found["values"]["seed"]) > 1
    others = [name for name in found["varied"] if name != key]
    lines: dict[str, list[int]] = {}  # the line of the best setting first
    for index in best_first(found):
        lines.setdefault(words(settings[index]["values"], others), []).append(index)

    def shares(line: list[int], what: str = "mean") -> tuple[list[float], list[float]]:
        chosen = [settings[index] for index in sorted(line, key=lambda index: settings[index]["values"][key])]
        heights = (setting["accuracy"][what] for setting in chosen)
        return [setting["values"][key] for setting in chosen], [math.nan if y is None else y for y in heights]

    figure, axes = plot(4.7, 3.6)
    if fainter := [*lines.values()][len(STYLES) : FAINT]:
        faint(axes, map(shares, fainter))
    coloured = sorted([*lines][: len(STYLES)], key=lambda name: min(lines[name]))
    for name, (colour, dash, marker) in zip(coloured, STYLES, strict=False):
        runs = [row for row in rows if row["setting"] in lines[name]]
        axes.plot(*shares(lines[name]), color=colour, linestyle=dash, label=name or ("mean" if several else "run"))
        if len(runs) <= MARKS:
            axes.plot(numbers(runs, key), numbers(runs, "accuracy"), marker, color=colour, markerfacecolor="none")
        else:
            band = shares(lines[name], "least"), shares(lines[name], "most")[1]
            axes.fill_between(*band[0], band[1], color=colour, alpha=0.2, linewidth=0)
    if diverged := [row for row in rows if row["diverged"]]:
        height = axes.get_xaxis_transform()  # as a share of the axis
        axes.plot(numbers(diverged, key), [0.02] * len(diverged), "x", color=INK, transform=height, label="diverged")
    values = found["values"][key]
    if key != "epochs":
        axes.set_xscale("log")
    if len(values) <= TICKS:
        axes.set_xticks(values, map(shown, values))
        axes.xaxis.set_minor_locator(NullLocator())
    within(axes, numbers(rows, "accuracy"))
    axes.set(xlabel=title([key]))
    legend(axes, others)
    return figure, f"Test accuracy along the {title([key])}", (
        f"{found['runs']} runs at {len(values)} values from {min(values):g} to {max(values):g}."
    )  # fmt: skip

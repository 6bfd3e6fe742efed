"""Plots of sweeps: accuracy and loss by epoch, and accuracy along a hyperparameter."""

import math
from collections.abc import Iterable

from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator

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


def chosen(found: dict) -> list[int]:
    """Return the settings that get a colour of their own: all if there are enough colours, else the best."""
    every = range(len(found["settings"]))
    best = [*found["ranking"], *(index for index in every if index not in found["ranking"])]
    return sorted(best[: len(STYLES)])


def curves(results: Sources, experiment: str):
    """Draw test accuracy and test loss by epoch: of each setting the mean, and the band of its runs."""
    found, rows = (results[f"sweeps/{experiment}/{file}"] for file in ("settings.json", "curves.csv"))
    figure, _ = plot(4.7, 5.2)
    figure.clear()
    panels = figure.subplots(2, sharex=True)
    coloured = dict(zip(chosen(found), STYLES, strict=False))
    for index, setting in enumerate(found["settings"]):
        own = [row for row in rows if row["setting"] == index]
        epochs = numbers(own, "epoch")
        for panel, what in zip(panels, ("accuracy", "loss"), strict=True):
            mean, least, most = (numbers(own, f"{what}_{key}") for key in ("mean", "least", "most"))
            if index not in coloured:
                panel.plot(epochs, mean, color=INK, alpha=0.25, linewidth=0.7)
                continue
            colour, dash, marker = coloured[index]
            label = words(setting["values"], found["varied"]) or "mean"
            panel.fill_between(epochs, least, most, color=colour, alpha=0.2, linewidth=0)
            panel.plot(epochs, mean, color=colour, linestyle=dash, marker=marker, label=label)
    losses = [value for row in rows for value in numbers([row], "loss_mean") if value > 0]
    if losses and max(losses) > 20 * min(losses):
        panels[1].set_yscale("log")
    panels[0].set(ylabel="test accuracy")
    panels[1].set(xlabel="epochs trained", ylabel="test loss (nats per image)")
    panels[1].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].legend(title=title(found["varied"]), loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return figure, "Test accuracy and test loss by epoch", (
        f"{len(found['settings'])} settings, {found['runs']} runs; lines are means, bands span the runs of a setting."
    )  # fmt: skip


def along(results: Sources, experiment: str, key: str):
    """Draw the accuracy after the last epoch over the values of one hyperparameter: each run, and means as lines.

    Settings that differ in another hyperparameter get a line each; only the best are in colour.
    """
    found, rows = (results[f"sweeps/{experiment}/{file}"] for file in ("settings.json", "runs.csv"))
    settings, others = found["settings"], [name for name in found["varied"] if name != key]
    lines: dict[str, list[int]] = {}
    for index, setting in enumerate(settings):
        lines.setdefault(words(setting["values"], others), []).append(index)
    rank = {name: min((found["ranking"].index(i) for i in line if i in found["ranking"]), default=math.inf)
            for name, line in lines.items()}  # fmt: skip
    coloured = dict(zip(sorted(sorted(lines, key=rank.get)[: len(STYLES)], key=[*lines].index), STYLES, strict=False))
    figure, axes = plot(4.7, 3.6)
    for name, line in lines.items():
        at = [(settings[index]["values"][key], settings[index]["accuracy"]["mean"], index) for index in line]
        at = sorted((value, math.nan if mean is None else mean, index) for value, mean, index in at)
        if name not in coloured:
            axes.plot(*zip(*(pair[:2] for pair in at), strict=True), color=INK, alpha=0.25, linewidth=0.7)
            continue
        colour, dash, marker = coloured[name]
        axes.plot(*zip(*(pair[:2] for pair in at), strict=True), color=colour, linestyle=dash, label=name or "mean")
        runs = [row for row in rows if row["setting"] in line]
        axes.plot(numbers(runs, key), numbers(runs, "accuracy"), marker, color=colour, markerfacecolor="none")
    if diverged := [row for row in rows if row["diverged"]]:
        places = axes.get_xaxis_transform()  # heights as shares of the axis
        axes.plot(numbers(diverged, key), [0.02] * len(diverged), "x", color=INK, transform=places, label="diverged")
    values = sorted({settings[index]["values"][key] for index in range(len(settings))})
    if key != "epochs":
        axes.set_xscale("log")
    if len(values) <= TICKS:
        axes.set_xticks(values, [f"{value:g}" for value in values])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel=title([key]), ylabel="test accuracy after the last epoch")
    axes.legend(title=title(others), loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    best = max((run["accuracy"] for run in rows if run["accuracy"] != ""), default=0)
    return figure, f"Test accuracy along the {title([key])}", (
        f"{found['runs']} runs at {len(values)} values from {values[0]:g} to {values[-1]:g}; the highest is {best:g}."
    )  # fmt: skip

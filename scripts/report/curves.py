"""Plots of the two trainings and of the L1 example."""

from fractions import Fraction

import numpy as np

from scripts.report.ledger import Ledger
from scripts.report.provenance import Sources
from scripts.report.svg import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION, plot


def numbers(strings) -> np.ndarray:
    return np.array([float(Fraction(text)) for text in strings])


def column(rows: list[dict], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows], dtype=float)


def l1_fit(results: Sources, ledger: Ledger):
    example = results["analytic/l1.json#example"]
    x, y = numbers(row[-1] for row in example["X"]), numbers(example["Y"])
    lines = {name: numbers(example[name]["W"]) for name in ("l1", "least_squares")}
    figure, axes = plot()
    ends = np.array([x.min() - 0.5, x.max() + 0.5])
    axes.plot(x, y, "o", color=INK, label="data", zorder=3)
    for (name, w), colour, dash in zip(lines.items(), (BLUE, VERMILION), ("-", "--"), strict=True):
        label = {"l1": "smallest L₁ loss", "least_squares": "least squares"}[name]
        axes.plot(ends, w[0] + w[1] * ends, dash, color=colour, label=label)
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    slopes = " and ".join(f"{w[1]:g}" for w in lines.values())
    return figure, "A straight line through seven points, one an outlier", (
        f"{len(x)} points; the L1 line and the least-squares line have slopes {slopes}."
    )  # fmt: skip


def l1_descent(results: Sources, ledger: Ledger):
    example = results["analytic/l1.json#example"]
    best = float(Fraction(example["l1"]["loss"]))
    figure, axes = plot()
    steps = len(example["descent"]["constant"]["losses"])
    for name, colour, dash in (("constant", VERMILION, ":"), ("diminishing", BLUE, "-")):
        axes.plot(example["descent"][name]["losses"], dash, color=colour, label=f"{name} step", linewidth=1.2)
    axes.axhline(best, color=INK, linewidth=0.8, linestyle="--", label="optimum of the linear programme")
    axes.set(xlabel="step", ylabel="L₁ loss", yscale="log", xlim=(0, steps - 1))
    axes.minorticks_off()
    axes.set_yticks(ticks := [14, 16, 20, 25, 33], [str(tick) for tick in ticks])
    axes.legend()
    gaps = {name: run["gap"] for name, run in example["descent"].items()}
    return figure, "Loss of subgradient descent", (
        f"From {example['descent']['constant']['losses'][0]:g}, with the constant step the best loss stays "
        f"{gaps['constant']:.3g} above the optimum {best:g}, with diminishing steps {gaps['diminishing']:.3g}."
    )  # fmt: skip


def fashion_losses(results: Sources, ledger: Ledger):
    runs = [results[name] for name in results.matching("fashion_mnist/runs/*/history.csv")]
    model, stated = results["fashion_mnist/model.json"], ledger.claim("f7")["stated"] or {}
    figure, axes = plot(6.4, 3.9)
    epochs = column(runs[0], "epoch")
    ends = []
    for kind, colour, dash, marker in (("train", BLUE, "-", "o"), ("test", VERMILION, "--", "s")):
        curves = np.array([column(run, f"{kind}_mean") for run in runs])
        word = {"train": "training", "test": "test"}[kind]
        axes.fill_between(epochs, curves.min(axis=0), curves.max(axis=0), color=colour, alpha=0.22, linewidth=0)
        axes.plot(epochs, curves[0], dash, color=colour, label=f"{word} loss, this run")
        points = np.array([float(text) for text in stated.get(kind, [])]) / model[f"{kind}_batches"]
        axes.plot(
            range(len(points)), points, marker, color=colour, markerfacecolor="none", markersize=4.5,
            linestyle="none", label=f"{word} loss, stated",
        )  # fmt: skip
        ends.append(f"{word} loss from {curves[0][0]:.2f} to {curves[0][-1]:.2f}")
    axes.set(xlabel="epoch", ylabel="mean cross-entropy per batch (nats)", ylim=(0, None))
    axes.legend(ncols=2)
    return figure, "Fashion-MNIST training and test loss by epoch", (
        f"Over {len(epochs)} epochs: {' and '.join(ends)}; the stated points lie along the band of {len(runs)} runs."
    )  # fmt: skip


def calibration(results: Sources, ledger: Ledger):
    rows = [row for row in results["fashion_mnist/calibration.csv"] if row["images"]]
    p, share = column(rows, "mean_probability"), column(rows, "accuracy")
    figure, axes = plot(4.4, 3.6)
    axes.plot([0, 1], [0, 1], ":", color=INK, linewidth=0.9, label="perfect calibration")
    axes.plot(p, share, "o-", color=BLUE, markersize=5, label="this run")
    axes.set(xlabel="probability of the predicted class", ylabel="share classified right", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="lower right")
    gap = np.abs(p - share).max()
    return figure, "Calibration on the Fashion-MNIST test set", (
        f"{len(rows)} bins of predicted probability; the share classified right differs by at most {gap:.3f}."
    )  # fmt: skip


def sample(results: Sources, k: int):
    rows = [row for row in results["fashion_mnist/samples.csv"] if row["sample"] == k]
    p, names = column(rows, "probability"), [row["name"] for row in rows]
    figure, axes = plot(3.6, 2.9)
    bars = axes.barh(names, p, color=BLUE, height=0.7)
    bars[rows[0]["label"]].set_hatch("///")
    bars[rows[0]["label"]].set_edgecolor(INK)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="softmax probability (true class hatched)", xlim=(0, 1))
    first, second = np.argsort(-p)[:2]
    return figure, f"Probabilities of test image {rows[0]['number']}", (
        f"{names[first]} {p[first]:.3f}, then {names[second]} {p[second]:.3f}; true class {names[rows[0]['label']]}."
    )  # fmt: skip


def mnist_classes(results: Sources, ledger: Ledger):
    counts = np.array(results["datasets/mnist.json#train.class_counts"])
    figure, axes = plot(4.6, 2.4)
    axes.bar(range(len(counts)), counts, color=BLUE, width=0.7)
    axes.axhline(counts.mean(), color=INK, linewidth=0.8, linestyle="--", label="mean")
    axes.set(xlabel="digit", ylabel="training images", xticks=range(len(counts)))
    axes.legend(loc="lower right")
    return figure, "MNIST training images per class", (
        f"From {counts.min()} (digit {counts.argmin()}) to {counts.max()} (digit {counts.argmax()})."
    )  # fmt: skip


def replicas(results: Sources, name: str) -> dict[int, np.ndarray]:
    """Return the number of test images classified right after each epoch, over all replicas of an ensemble."""
    rows = [row for file in results.matching(f"mnist/replicas/{name}/*.csv") for row in results[file]]
    epochs = sorted({row["epoch"] for row in rows})
    return {epoch: np.array([row["correct"] for row in rows if row["epoch"] == epoch]) for epoch in epochs}


def mnist_accuracy(results: Sources, ledger: Ledger):
    history = results["mnist/history.csv"]
    raw, cured = replicas(results, "ulp"), replicas(results, "pixels-scaled")
    stated = (ledger.claim("m6")["stated"] or {}).get("correct", [])
    epochs, correct = column(history, "epoch"), column(history, "correct")
    figure, axes = plot(5.2, 3.4)
    low, high = ([correct[0], *(pick(hits) for hits in raw.values())] for pick in (min, max))
    axes.fill_between([0, *raw], low, high, color=BLUE, alpha=0.2, linewidth=0, label="all replicas, raw pixels")
    axes.plot(epochs, correct, "o-", color=BLUE, label="this run, raw pixels")
    axes.plot([*cured], [np.median(hits) for hits in cured.values()], "^--", color=GREEN, label="pixels divided by 255")
    axes.plot(range(1, len(stated) + 1), [int(text) for text in stated], "s", color=VERMILION, label="stated",
              markerfacecolor="none", markersize=6)  # fmt: skip
    axes.set(xlabel="epoch", ylabel="test images classified right", xticks=epochs, ylim=(0, history[0]["count"]))
    axes.legend(loc="lower right")
    return figure, "MNIST test hits by epoch", (
        f"This run goes from {correct[0]:g} to {correct[-1]:g}; replicas spread from {min(low[1:])} to {max(high)}; "
        f"with pixels divided by 255 the median after the last epoch is {np.median([*cured.values()][-1]):g}."
    )  # fmt: skip


def divergence(results: Sources, ledger: Ledger):
    rows = results["mnist/divergence.csv"]
    steps = column(rows, "step")
    figure, axes = plot(5.2, 3.4)
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


def replica_histogram(results: Sources, ledger: Ledger):
    raw, scaled = replicas(results, "ulp"), replicas(results, "pixels-scaled")
    stated = (ledger.claim("m6")["stated"] or {}).get("correct", [])
    figure, axes = plot(6.4, 4.2)
    figure.clear()
    panels = figure.subplots(len(raw), sharex=True, squeeze=False)[:, 0]
    low = min(hits.min() for hits in raw.values())
    bins = np.arange(low - low % 100, max(hits.max() for hits in scaled.values()) + 101, 100)
    for panel, (epoch, hits) in zip(panels, raw.items(), strict=True):
        panel.hist(hits, bins, color=BLUE, alpha=0.75, histtype="stepfilled", label=f"{len(hits)} replicas, raw pixels")
        panel.plot(scaled[epoch], np.full(len(scaled[epoch]), 2), "^", color=GREEN, markersize=7,
                   label=f"{len(scaled[epoch])} replicas, pixels divided by 255")  # fmt: skip
        if epoch <= len(stated):
            panel.axvline(int(stated[epoch - 1]), color=VERMILION, linestyle="--", label="stated")
        panel.set(ylabel=f"epoch {epoch}")
    panels[-1].set(xlabel="test images classified right")
    panels[0].legend(loc="upper left", bbox_to_anchor=(0, 1.05))
    spread = "; ".join(f"epoch {epoch}: {hits.min()} to {hits.max()}" for epoch, hits in raw.items())
    return figure, "Histograms of replica hits after each epoch", (
        f"Raw pixels, {spread}. Stated: {', '.join(stated) or 'nothing'}."
    )  # fmt: skip


COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
DASHES = ((0, ()), (0, (6, 2)), (0, (4, 1.5, 1, 1.5)), (0, (1.5, 1)))


def network(results: Sources, points: list, parts: dict | None, title: str):
    """Plot a dataset, the lines of a network's hidden units (faint where relu cuts them off) and the network's sum."""
    x, y = (numbers(point[i] for point in points) for i in (0, 1))
    figure, axes = plot(4.4, 3.5)
    fine = np.linspace(x[0], x[-1], 481)
    described = "no readable network was stated"
    if parts:
        units = [numbers(parts[name]) for name in ("hidden_weights", "hidden_biases", "output_weights")]
        total = np.full_like(fine, float(Fraction(parts["output_bias"])))
        for j, (w, b, w_o) in enumerate(zip(*units, strict=True)):
            line = w * fine + b
            total += w_o * np.maximum(line, 0)
            style = {"color": COLOURS[j % 5], "dashes": DASHES[j % 4][1], "linewidth": 1.1}
            axes.plot(fine, np.where(line >= 0, w_o * line, np.nan), label=f"unit {j + 1}", **style)
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
    def draw(results: Sources, ledger: Ledger):
        parts = ledger.claim(f"p3a-{dataset}")["evidence"].get("network")
        title = f"Dataset {dataset} with the stated network"
        return network(results, results[f"relu/dataset-{dataset}.json#points"], parts, title)

    return draw


def corrected_network(dataset: int):
    def draw(results: Sources, ledger: Ledger):
        fit = results[f"relu/dataset-{dataset}.json"]
        return network(results, fit["points"], fit["network"], f"Dataset {dataset} with the constructed network")

    return draw

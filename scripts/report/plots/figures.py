"""Draw the report's figures from the results, each as an SVG file that can stand inside a page.

As a step this draws those that no answer changes; the others are drawn when a page is written.
"""

import argparse
import re

import matplotlib

from scripts.report.page.provenance import Sources
from scripts.report.plots import fashion_mnist as fashion_mnist_plots
from scripts.report.plots import graphs, names
from scripts.report.plots import l1_regression as analytic_plots
from scripts.report.plots import mnist as mnist_plots
from scripts.report.plots import relu as relu_plots
from scripts.report.plots.svg import SETTINGS, cleaned
from scripts.shared.step import run, write_text

PLOTS = {
    "l1-fit": analytic_plots.l1_fit,
    "l1-descent": analytic_plots.l1_descent,
    "dataset-1-corrected": relu_plots.corrected_network(1),
    "dataset-2-corrected": relu_plots.corrected_network(2),
    "calibration": fashion_mnist_plots.calibration,
    "mnist-classes": mnist_plots.mnist_classes,
    "divergence": mnist_plots.divergence,
}
ANSWERED = {
    "dataset-1-stated": relu_plots.stated_network(1),
    "dataset-2-stated": relu_plots.stated_network(2),
    "fashion-losses": fashion_mnist_plots.fashion_losses,
    "mnist-accuracy": mnist_plots.mnist_accuracy,
    "replicas": mnist_plots.replica_histogram,
}
GRAPHS = {
    "network-forward": graphs.network_forward,
    "network-backward": graphs.network_backward,
    "backpropagation": graphs.backpropagation,
}


def draw(name: str, results: Sources, evidence: dict | None = None) -> str:
    """Return the SVG text of the figure called `name`; one that shows an answer needs its claim's evidence."""
    with matplotlib.rc_context(SETTINGS):
        return _draw(name, results, evidence)


def _draw(name: str, results: Sources, evidence: dict | None) -> str:
    if name in ANSWERED:
        return cleaned(name, *ANSWERED[name](results, evidence))
    if name in GRAPHS:
        return GRAPHS[name](results, name)
    if match := re.fullmatch(r"sample-(\d+)", name):
        return cleaned(name, *fashion_mnist_plots.sample(results, int(match[1])))
    return cleaned(name, *PLOTS[name](results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", required=True, help="result files that figures may use")
    parser.add_argument("--results", default="results", help="folder they lie under")
    parser.add_argument("--samples", type=int, required=True, help="number of sample images")
    parser.add_argument("--folder", required=True, help="where to write the SVG files")
    args = parser.parse_args()
    results = Sources(args.results, args.files)
    for name in names.shared(args.samples):
        write_text(f"{args.folder}/{name}.svg", draw(name, results))


if __name__ == "__main__":
    run(main)

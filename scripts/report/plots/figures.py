"""All figures of a report: which there are follows from what its problem set uses, and each is named here once.

As a step this draws those that no answer changes, each as an SVG file that can stand inside a page; the others are
drawn when a page is written. Light to import: matplotlib comes with the first drawing.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from scripts.problem_set.read import ProblemSet, read_set
from scripts.shared.ranges import expanded
from scripts.shared.step import at_least, run, write_text

WORDS = {  # what each function draws, for lists of figures
    "fit": "points, with the line of smallest absolute loss and that of least squares",
    "descent": "how far the loss lies above its minimum, step by step",
    "corrected_network": "the points with the network that was constructed through them",
    "stated_network": "the points with the network that was stated for them",
    "network_forward": "how values flow forward through a network",
    "network_backward": "how derivatives flow back through a network",
    "calibration": "the share of images classified right over the probability of the predicted class",
    "sample": "the ten probabilities of a test image",
    "losses": "mean losses by epoch: of this run, of all runs, and as stated",
    "backpropagation": "the numpy network, values down and gradients up",
    "mnist_classes": "how many training images each digit has",
    "divergence": "how two trainings that start next to each other part, on raw and on scaled pixels",
    "accuracy": "images classified right by epoch: this run, its replicas, the cured training, and as stated",
    "replica_histogram": "how the replicas' hits spread after each epoch, and where the stated ones lie",
    "curves": "accuracy and loss by epoch for each setting of the sweep",
    "along": "accuracy over the values of one hyperparameter",
}
NUMERIC = ("learning_rate", "batch_size", "epochs")  # hyperparameters that a figure may have along its axis


class Figure(NamedTuple):
    """Which function of which module of this room draws a figure, from which result, what it is told besides, and the
    claim that it shows: such a figure is drawn with a page, and may use all results that the page has."""

    module: str
    function: str
    result: str = ""
    told: tuple = ()
    claim: str | None = None


def shared(problem_set: ProblemSet, samples: int) -> dict[str, Figure]:
    """Return by name the figures that no answer changes, with so many sample images."""
    found = {}
    if "l1_regression" in problem_set.experiments:
        example = "l1_regression/example.json"
        found["l1-fit"] = Figure("l1_regression", "fit", example)
        found["l1-descent"] = Figure("l1_regression", "descent", example)
    for spec in problem_set.claims.values():
        if spec["kind"] == "pass":
            name = Path(spec["network"]).stem
            for way in ("forward", "backward"):
                found[f"{name}-{way}"] = Figure("graphs", f"network_{way}", f"relu/{name}.json", (name,))
    if "fashion_mnist" in problem_set.experiments:
        found["calibration"] = Figure("fashion_mnist", "calibration", "fashion_mnist/calibration.csv")
        for k in range(1, samples + 1):
            found[f"sample-{k}"] = Figure("fashion_mnist", "sample", "fashion_mnist/samples.csv", (k,))
    if "mnist" in problem_set.experiments:
        found |= {
            "backpropagation": Figure("graphs", "backpropagation", "mnist/initial.json"),
            "mnist-classes": Figure("mnist", "mnist_classes", "datasets/mnist.json"),
            "divergence": Figure("mnist", "divergence", "mnist/divergence.csv"),
        }
    return found


def answered(problem_set: ProblemSet) -> dict[str, Figure]:
    """Return by name the figures that show an answer; their names begin with the claim's id."""
    found = {}
    for name, spec in problem_set.claims.items():
        table = spec.get("ensemble", {}).get("table", "") if spec["kind"] == "distribution" else ""
        columns = {column: part for part, column in spec.get("ensemble", {}).get("columns", {}).items()}
        if spec["kind"] == "fit":
            for which in ("stated", "corrected"):  # in the same frame, which the answer decides with
                told = (Path(spec["points"]).stem,)
                found[f"{name}-{which}"] = Figure("relu", f"{which}_network", told=told, claim=name)
        elif table == "fashion_mnist/runs/*/history.csv":
            found[f"{name}-losses"] = Figure("fashion_mnist", "losses", told=(columns,), claim=name)
        elif table.startswith("mnist/replicas/"):
            part = columns.get("correct", "")
            found[f"{name}-accuracy"] = Figure("mnist", "accuracy", told=(part,), claim=name)
            found[f"{name}-replicas"] = Figure("mnist", "replica_histogram", told=(part,), claim=name)
    return found


def swept(values: dict[str, dict[str, list]]) -> dict[str, Figure]:
    """Return by name the figures of sweeps: experiment → hyperparameter → the values that it was run with."""
    found = {}
    for experiment, lists in values.items():
        file, told = f"sweeps/{experiment}/settings.json", (experiment,)
        found[f"sweep-{experiment}-curves"] = Figure("sweeps", "curves", file, told)
        if along := [key for key in NUMERIC if len(lists.get(key, [])) > 1]:
            found[f"sweep-{experiment}-values"] = Figure("sweeps", "along", file, (*told, along[0]))
    return found


def draw(name: str, figure: Figure, results, evidence: dict | None = None) -> str:
    """Return the SVG text of a figure from `results` (Sources); one that shows an answer needs its claim's evidence."""
    import matplotlib

    from scripts.report.plots import fashion_mnist, graphs, l1_regression, mnist, relu, sweeps
    from scripts.report.plots.svg import SETTINGS, cleaned

    modules = (fashion_mnist, graphs, l1_regression, mnist, relu, sweeps)
    [module] = [one for one in modules if one.__name__.endswith(f".{figure.module}")]
    function = getattr(module, figure.function)
    told = figure.told if figure.claim is None else (evidence or {}, *figure.told)
    if figure.module == "graphs":
        return function(results, name, *told)
    with matplotlib.rc_context(SETTINGS):
        return cleaned(name, *function(results, *told))


def main() -> None:
    from scripts.report.page.provenance import Sources

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem-set", required=True, help="folder of the problem set")
    parser.add_argument("--results", required=True, help="folder of its results")
    parser.add_argument("--files", nargs="+", required=True, help="those of them that figures may use")
    parser.add_argument("--samples", type=at_least(0), default=0, help="number of sample images")
    parser.add_argument("--folder", required=True, help="where to write the SVG files")
    args = parser.parse_args()
    results = Sources(args.results, expanded(args.files))
    for name, figure in shared(read_set(args.problem_set), args.samples).items():
        write_text(f"{args.folder}/{name}.svg", draw(name, figure, results))


if __name__ == "__main__":
    run(main)

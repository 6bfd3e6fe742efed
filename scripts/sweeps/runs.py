"""The runs of a sweep: all combinations of its values, each named by all of them.

So another value, or a list for another hyperparameter, leaves the runs that are there as they are. Runs that differ in
nothing but the seed are of one *setting*.
"""

import hashlib
from itertools import product
from pathlib import Path

from scripts.shared.step import read_bytes

HYPERPARAMETERS = {
    "fashion_mnist": ("hidden", "batch_size", "learning_rate", "epochs", "pixels", "seed"),
    "mnist": ("hidden", "learning_rate", "epochs", "pixels", "seed"),
}
PIXELS = {"fashion_mnist": "scaled", "mnist": "raw"}  # as the experiments take them: 0 to 1, or 0 to 255


def combinations(values: dict[str, list]) -> list[dict]:
    """Return a mapping of hyperparameters for each combination of `values`, lists by name."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def run_name(run: dict) -> str:
    """Return the name of a run's folder: seed-1_hidden-256-128-64_batch_size-64_learning_rate-0.01_epochs-25_…"""
    return "_".join(f"{key}-{written(run[key])}" for key in sorted(run, key="seed".__ne__))


def digest(folder: str | Path, values: dict[str, list]) -> str:
    """Return one SHA-256 for the histories of all runs, each in a folder of its name; OSError if one is missing."""
    whole = hashlib.sha256()
    for run in combinations(values):
        whole.update(hashlib.sha256(read_bytes(Path(folder, run_name(run), "history.csv"))).digest())
    return whole.hexdigest()


def written(value: object) -> str:
    """Return a value as it stands in names and tables; widths are joined by hyphens."""
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)

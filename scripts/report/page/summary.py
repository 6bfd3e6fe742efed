"""The few values that the page needs and no other result holds: settings, versions, credits, range of trainings."""

import argparse
import json
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from scripts.datasets.credits import credits
from scripts.report.page.provenance import Sources
from scripts.shared.ranges import expanded
from scripts.shared.step import run, write_json

PACKAGES = (
    "snakemake", "numpy", "torch", "torchvision", "tensorflow", "pandas", "matplotlib", "jinja2", "sympy", "scipy",
    "numba", "safetensors", "math-core",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the version of each package that is installed: one may be missing that only tests use."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def fashion(results: Sources) -> dict:
    """Summarise the repeated trainings: how many, and the range of the last epoch's losses and of last-batch hits."""
    histories = [results[name] for name in results.matching("fashion_mnist/runs/*/history.csv")]
    batches = [results[name] for name in results.matching("fashion_mnist/runs/*/last_batch.csv")]
    hits = [sum(row["label"] == row["predicted"] for row in batch) for batch in batches]
    last = [history[-1]["test_sum"] for history in histories]
    return {
        "runs": len(histories),
        "least_test_sum": min(last),
        "most_test_sum": max(last),
        "last_epoch": histories[0][-1]["epoch"],
        "least_hits": min(hits),
        "most_hits": max(hits),
        "hits": hits[0],
        "batch": len(batches[0]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="*", default=[], help="histories and last batches, if there are any")
    parser.add_argument("--results", required=True, help="folder they lie under")
    parser.add_argument("--settings", required=True, help="what results depend on, room by room, as JSON")
    parser.add_argument("--what-if", default="[]", help="givens that are overridden: JSON list of given, source, here")
    parser.add_argument("--datasets", nargs="*", default=[], help="datasets whose images the page may show")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    content = {
        "settings": json.loads(args.settings),
        "what_if": json.loads(args.what_if),
        "versions": versions(),
        "credits": credits(args.datasets),
    }
    if args.files:
        content["fashion_mnist"] = fashion(Sources(args.results, expanded(args.files)))
    write_json(args.output, content)


if __name__ == "__main__":
    run(main)

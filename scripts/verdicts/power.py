"""Which wrong procedures would the checks of random figures catch? Measured by letting their own figures be judged.

Every replica of a wrong MNIST procedure is rounded as a problem set prints it and tested like a stated answer against
the replicas of the described one. So is every Fashion-MNIST run against the other runs, as it is, and misread or
miswritten in a few ways that cost no training. What the trained figures cannot show, the first images may: before
chaos sets in, two right programs agree to TOLERANCE, so a larger distance by then gives a wrong one away. Knows no
stated answer.
"""

import argparse

import numpy as np

from scripts.mnist.ensembles import RIGHT, WRONG
from scripts.shared.step import run, write_json
from scripts.verdicts import ensembles
from scripts.verdicts.ensembles import Ensemble
from scripts.verdicts.results import Results, add_results

TOLERANCE = 1e-12  # relative distance of W1 within which two right programs stay over the first images
DIGITS = {"loss": 2, "correct": 0}  # after the point, as printed
CAUGHT = 0.95  # share of the replicas that have to be refuted


def refuted(described: Ensemble, stated: np.ndarray, digits: np.ndarray, alpha: float) -> int:
    """Count the rows of `stated` (n, figures), rounded to `digits` (figures,), that the described procedure refutes."""
    half = np.where(digits > 0, 0.5 * 10.0**-digits, 0.0)
    rounded = [np.array([round(x, d) for x, d in zip(row, digits.tolist(), strict=True)]) for row in stated]
    tested = (ensembles.nearest(described, row, half) for row in rounded)
    return sum(described.test(described.values, row, alpha).refutes(alpha) for row in tested)


def mnist(results: Results, alpha: float) -> list[dict]:
    """Return a row per ensemble but the one that the others are tested against."""
    described = ensembles.mnist(results, "ulp")
    digits = np.array([DIGITS[name.split()[0]] for name in described.names])
    early = results["mnist/divergence.json#early"]
    rows = []
    for name, means in {"seeds": RIGHT["seeds"], **{name: text for name, (text, _) in WRONG.items()}}.items():
        stated = ensembles.mnist(results, name).values
        row = verdict(name, means, name in RIGHT, len(stated), refuted(described, stated, digits, alpha))
        if name in WRONG:
            row |= {"early_distance": early[name], "early_caught": early[name] > TOLERANCE}
        rows.append(row)
    return rows


def misread(losses: Ensemble, batches: tuple[int, int]) -> dict[str, tuple[str, np.ndarray]]:
    """Return name → (meaning, figures) of ways to record the runs' loss sums (runs, 2 · (epochs + 1)) wrongly.

    batches: of the training and of the test set. Figures are logarithms, one epoch fewer than were run.
    """
    train, test = np.split(losses.values, 2, axis=1)
    first, later = slice(None, -1), slice(1, None)
    joined = {
        "described": ("as described", train[:, first], test[:, first]),
        "test-after-training": ("the test pass after the training pass", train[:, first], test[:, later]),
        "first-epoch-lost": ("the first epoch left out", train[:, later], test[:, later]),
        "exchanged": ("training and test losses exchanged", test[:, first], train[:, first]),
        "mean-over-batches": (
            "means over the batches in place of sums",
            train[:, first] - np.log(batches[0]),
            test[:, first] - np.log(batches[1]),
        ),
    }
    return {name: (means, np.hstack(parts)) for name, (means, *parts) in joined.items()}


def miswritten(table: np.ndarray) -> dict[str, tuple[str, list[np.ndarray]]]:
    """Return name → (meaning, tables) of ways to write one table of logarithms (2 · epochs,) down wrongly."""
    train, test = np.arange(len(table)).reshape(2, -1)

    def changed(places: np.ndarray, factor: float) -> list[np.ndarray]:
        return [table + np.log(factor) * (np.arange(len(table)) == place) for place in places]

    def exchanged(places: np.ndarray) -> list[np.ndarray]:
        orders = [np.arange(len(table)) for _ in places[1:]]
        for order, k in zip(orders, places, strict=False):
            order[[k, k + 1]] = k + 1, k
        return [table[order] for order in orders]

    return {
        "train-5-percent": ("one training loss 5 % too high", changed(train, 1.05)),
        "test-10-percent": ("one test loss 10 % too high", changed(test, 1.1)),
        "test-20-percent": ("one test loss 20 % too low", changed(test, 0.8)),
        "train-exchanged": ("training losses of two neighbouring epochs exchanged", exchanged(train)),
        "test-exchanged": ("test losses of two neighbouring epochs exchanged", exchanged(test)),
    }


def fashion(results: Results, alpha: float) -> list[dict]:
    """Return a row per way to record the losses; each run is tested against all others."""
    model = results["fashion_mnist/model.json"]
    if model["training"]["epochs"] < 2:
        return []
    losses = ensembles.fashion_losses(results, model["training"]["epochs"])
    ways = {
        name: (means, values[:, None])
        for name, (means, values) in misread(losses, (model["train_batches"], model["test_batches"])).items()
    }
    described = ways["described"][1][:, 0]
    slips = [miswritten(table) for table in described]
    ways |= {name: (means, [slip[name][1] for slip in slips]) for name, (means, _) in slips[0].items()}
    rows = []
    for name, (means, tables) in ways.items():
        tried = [
            losses.test(np.delete(described, k, axis=0), table, alpha).refutes(alpha)
            for k, of_run in enumerate(tables)
            for table in of_run
        ]
        if tried:
            rows.append(verdict(name, means, name == "described", len(tried), sum(tried)))
    return rows


def verdict(name: str, means: str, right: bool, tried: int, count: int) -> dict:
    share = count / tried
    return {
        "name": name,
        "means": means,
        "right": right,
        "tried": tried,
        "refuted": count,
        "share": share,
        "caught": share >= CAUGHT,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_results(parser)
    parser.add_argument("--alpha", type=float, required=True, help="chance of refuting a right random figure")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    results = Results(args.results, args.files)
    content = {
        "alpha": args.alpha,
        "caught_from": CAUGHT,
        "early": {"images": results["mnist/divergence.json#early.images"], "tolerance": TOLERANCE},
        "mnist": mnist(results, args.alpha),
        "fashion_mnist": fashion(results, args.alpha),
    }
    write_json(args.output, content)


if __name__ == "__main__":
    run(main)

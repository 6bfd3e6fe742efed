"""Which wrong procedures would the tests of random values catch? Measured by letting their own values be judged.

Every replica of a wrong MNIST procedure is rounded as a problem set prints it and tested like a stated answer against
the replicas of the described one. So is every Fashion-MNIST run against the other runs, as it is, and misread or
miswritten in a few ways that cost no training. What the trained values cannot show, the first images may: before
chaos sets in, two right programs agree to TOLERANCE, so a larger distance by then gives a wrong one away. Measured are
the ensembles that the claims of a problem set name. Knows no stated answer.
"""

import argparse
from collections.abc import Iterable

import numpy as np

from scripts.mnist.ensembles import RIGHT, WRONG
from scripts.shared.step import run, write_json
from scripts.verdicts import ensembles
from scripts.verdicts.ensembles import Ensemble
from scripts.verdicts.options import add_options, chosen
from scripts.verdicts.results import Results

REPLICAS = "mnist/replicas/{}/*.csv"  # of one procedure
CURVES = "fashion_mnist/runs/*/history.csv"
TOLERANCE = 1e-12  # relative distance of W1 within which two right programs stay over the first images
DIGITS = 2  # after the point, as printed
CAUGHT = 0.95  # share of the replicas that have to be refuted
TRIED = 200  # runs whose curves are tried, at most: each of them is held against all others


def described(claims: Iterable[dict], table: str) -> list[dict]:
    """Return the ensembles of a table that stated values are drawn from, each once."""
    found = (spec["ensemble"] for spec in claims if spec["kind"] == "distribution")
    return list({repr(ensemble): ensemble for ensemble in found if ensemble.get("table") == table}.values())


def refuted(right: Ensemble, stated: np.ndarray, alpha: float) -> int:
    """Count the rows of `stated` (n, columns), rounded as printed, that the replicas of the right procedure refute."""
    digits = [DIGITS if size is None else 0 for size in right.sizes]
    half = np.array([0.5 * 10.0**-DIGITS if size is None else 0.0 for size in right.sizes])
    rounded = [np.array([round(x, d) for x, d in zip(row, digits, strict=True)]) for row in stated]
    tested = (ensembles.nearest(right, row, half) for row in rounded)
    return sum(right.judge(right.values, row, alpha).refutes(alpha) for row in tested)


def mnist(claims: Iterable[dict], results: Results, alpha: float) -> list[dict]:
    """Return a row per procedure but the one that the others are tested against; none if no claim draws from it."""
    rows = []
    for ensemble in described(claims, REPLICAS.format("ulp")):
        right, early = ensembles.load(ensemble, results), results["mnist/divergence.json#early"]
        for name, means in {"seeds": RIGHT["seeds"], **{name: text for name, (text, _) in WRONG.items()}}.items():
            other = ensembles.load(ensemble | {"table": REPLICAS.format(name)}, results)
            stated = ensembles.raw(other, other.values)
            row = verdict(name, means, name in RIGHT, len(stated), refuted(right, stated, alpha))
            if name in WRONG:
                row |= {"early_distance": early[name], "early_caught": early[name] > TOLERANCE}
            rows.append(row)
    return rows


def misread(losses: Ensemble, batches: tuple[int, int]) -> dict[str, tuple[str, np.ndarray]]:
    """Return name → (meaning, values) of ways to record the runs' loss sums (runs, 2 · (epochs + 1)) wrongly.

    batches: of the training and of the test set. Values are logarithms, one epoch fewer than were run.
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


def fashion_mnist(claims: Iterable[dict], results: Results, alpha: float) -> list[dict]:
    """Return a row per way to record two loss curves; runs are tested against all others. None without a claim."""
    rows = []
    for ensemble in described(claims, CURVES):
        losses = ensembles.load(ensemble, results)
        if ensemble.get("test") != "course" or len(losses.names) < 4:  # a single epoch
            continue
        model = results["fashion_mnist/model.json"]
        ways = {
            name: (means, values[:, None])
            for name, (means, values) in misread(losses, (model["train_batches"], model["test_batches"])).items()
        }
        slips = [miswritten(table) for table in ways["described"][1][:TRIED, 0]]
        ways |= {name: (means, [slip[name][1] for slip in slips]) for name, (means, _) in slips[0].items()}
        rows += [told for way in ways.items() if (told := _tried(losses, ways["described"][1][:, 0], way, alpha))]
    return rows


def _tried(losses: Ensemble, right: np.ndarray, way: tuple[str, tuple], alpha: float) -> dict | None:
    """Test each run's tables, recorded in some way, against the other runs' right ones; None if there are no tables."""
    name, (means, tables) = way
    found = [
        losses.judge(np.delete(right, k, axis=0), table, alpha).refutes(alpha)
        for k, of_run in enumerate(tables[:TRIED])
        for table in of_run
    ]
    return verdict(name, means, name == "described", len(found), sum(found)) if found else None


def verdict(name: str, means: str, right: bool, tried: int, count: int) -> dict:
    """Sum up how many of the tried replicas of a procedure were refuted."""
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
    add_options(parser)
    parser.add_argument("--alpha", type=float, required=True, help="chance of refuting a right random value")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    problem_set, results = chosen(args)
    claims = list(problem_set.claims.values())
    procedures = mnist(claims, results, args.alpha)
    early = {"images": results["mnist/divergence.json#early.images"], "tolerance": TOLERANCE} if procedures else None
    content = {
        "alpha": args.alpha,
        "caught_from": CAUGHT,
        "early": early,
        "mnist": procedures,
        "fashion_mnist": fashion_mnist(claims, results, args.alpha),
    }
    write_json(args.output, content)


if __name__ == "__main__":
    run(main)

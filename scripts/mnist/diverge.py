"""Measure how fast two trainings drift apart that start one part in 10^15 from each other.

Two compiled runs share everything but a factor 1 + 1e-15 on the initial W1; their relative distance
‖W1 − W1′‖ / ‖W1‖ is followed through one epoch, once with raw pixels and once with pixels divided by 255. Its
growth decides how a trained figure can be checked at all: to its digits, or only as a draw from a distribution.
The same comparison after the first few images tells each wrong procedure from the described one, before chaos sets in.
"""

import argparse
from itertools import pairwise

import numpy as np

from scripts.mnist.blocks import Blocks, blocks
from scripts.mnist.ensembles import WRONG
from scripts.mnist.kernel import Procedure, train
from scripts.mnist.network import Parameters, initial
from scripts.mnist.procedures import start
from scripts.shared.step import at_least, reading, run, write_csv, write_json

CLASSES = 10
OFFSET = 1e-15  # relative difference of the two starts
EARLY = 30  # images after which procedures are compared: rounding has grown to 1e-12 or so by then, not further
DENSE = 600  # images over which every one is recorded; later ones are recorded ever more sparsely
CHAOTIC = 1e-3  # relative distance from which on two runs count as different


def distance(p: Parameters, q: Parameters) -> float:
    """Relative distance of two networks' W1 in the Frobenius norm."""
    return float(np.linalg.norm(p.W1 - q.W1) / np.linalg.norm(p.W1))


def diverge(p: Parameters, parts: list[tuple[Blocks, np.ndarray]], how: Procedure) -> list[float]:
    """Return the distance of the runs from p and p·(1 + OFFSET): at the start, and after each part (images, labels)."""
    p, q = (Parameters(*(w.copy() for w in p)) for _ in range(2))
    q.W1[:] *= 1 + OFFSET
    distances = [distance(p, q)]
    for x, labels in parts:
        for runner in (p, q):
            train(runner, x, labels, how)
        distances.append(distance(p, q))
    return distances


def growth(steps: np.ndarray, distances: np.ndarray) -> dict:
    """Say when the distance passes CHAOTIC and its mean growth rate up to there; None where it never does."""
    above = np.flatnonzero(distances > CHAOTIC)
    images = int(steps[above[0]]) if len(above) else None
    rate = float(np.log(distances[above[0]] / OFFSET) / images) if images else None
    return {
        "images_to_differ": images,
        "rate_per_image": rate,
        "images_to_double": float(np.log(2)) / rate if rate else None,
        "largest": float(distances.max()),
        "last": float(distances[-1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--seed", type=at_least(0), required=True)
    parser.add_argument("--hidden", type=at_least(1), nargs=2, required=True, help="widths of the hidden layers")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--curves", required=True, help="CSV to write: step, raw, scaled")
    parser.add_argument("--summary", required=True, help="JSON to write")
    args = parser.parse_args()
    with reading(args.data), np.load(args.data) as data:
        images, labels = data["train_images"], data["train_labels"]
    widths, described = [images[0].size, *args.hidden, CLASSES], Procedure(args.learning_rate)
    dense = np.arange(0, min(DENSE, len(labels)) + 1)
    steps = np.unique(np.concatenate([dense, np.geomspace(max(dense[-1], 1), len(labels), 60).astype(int)]))
    parts = [(blocks(images[done:step]), labels[done:step]) for done, step in pairwise(steps)]
    curves = {
        "raw": diverge(initial(widths, args.seed), parts, described),
        "scaled": diverge(initial(widths, args.seed), parts, described._replace(pixel_scale=1 / 255)),
    }
    early = min(EARLY, len(labels))
    reference = initial(widths, args.seed)
    train(reference, blocks(images[:early]), labels[:early], described)
    differences = {}
    for name in WRONG:
        p, order, procedure = start(name, 1, images, widths, args.seed, args.learning_rate)
        train(p, blocks(images[order[:early]]), labels[order[:early]], procedure)
        differences[name] = distance(reference, p)
    rows = zip(steps, curves["raw"], curves["scaled"], strict=True)
    write_csv(args.curves, [{"step": step, "raw": raw, "scaled": scaled} for step, raw, scaled in rows])
    summary = {name: growth(steps, np.array(curve)) for name, curve in curves.items()}
    write_json(
        args.summary, summary | {"offset": OFFSET, "chaotic_from": CHAOTIC, "early": {"images": early, **differences}}
    )


if __name__ == "__main__":
    run(main)

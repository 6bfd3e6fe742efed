"""Draw a few test images with a seed of their own and tabulate the reference run's ten probabilities for each."""

import argparse

import numpy as np
import pandas as pd

from scripts.fashion_mnist.model import NAMES
from scripts.shared.seeds import stream
from scripts.shared.step import Failure, run, write_csv


def sample(probabilities: np.ndarray, labels: np.ndarray, count: int, seed: int) -> pd.DataFrame:
    """Tabulate `count` distinct test images drawn at random, a row per image and class.

    Takes probabilities (n, 10) and labels (n,); images are numbered from 1, as the problem set does.
    """
    if count > len(labels):
        raise Failure(f"fashion_mnist.samples is {count}, but there are only {len(labels)} test images; lower it")
    drawn = np.random.default_rng(stream(seed, "samples")).choice(len(labels), size=count, replace=False)
    return pd.DataFrame(
        {
            "sample": position + 1,
            "number": index + 1,
            "label": labels[index],
            "predicted": probabilities[index].argmax(),
            "class": c,
            "name": NAMES[c],
            "probability": float(probabilities[index, c]),
        }
        for position, index in enumerate(drawn)
        for c in range(probabilities.shape[1])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--probabilities", required=True, help="NPZ of the reference run")
    parser.add_argument("--samples", type=int, required=True, help="how many images to draw")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True, help="CSV to write")
    args = parser.parse_args()
    with np.load(args.data) as data, np.load(args.probabilities) as outputs:
        write_csv(args.output, sample(outputs["probabilities"], data["test_labels"], args.samples, args.seed))


if __name__ == "__main__":
    run(main)

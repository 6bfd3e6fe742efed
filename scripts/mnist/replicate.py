"""Train a batch of replicas of one procedure and judge each on the test set after every epoch."""

import argparse

import numpy as np
import pandas as pd

from scripts.mnist import kernel
from scripts.mnist.ensembles import DESCRIPTIONS
from scripts.mnist.procedures import start
from scripts.shared.step import run, write_csv

CLASSES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--ensemble", required=True, choices=list(DESCRIPTIONS))
    parser.add_argument("--first", type=int, required=True, help="number of the first replica, from 1")
    parser.add_argument("--count", type=int, required=True, help="how many replicas")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hidden", type=int, nargs=2, required=True, help="widths of the hidden layers")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--output", required=True, help="CSV to write, a row per replica and epoch")
    args = parser.parse_args()
    with np.load(args.data) as data:
        images, labels, test_labels = data["train_images"], data["train_labels"], data["test_labels"]
        x, x_test = kernel.pixels(images), kernel.pixels(data["test_images"])
    widths = [images[0].size, *args.hidden, CLASSES]
    rows = []
    for replica in range(args.first, args.first + args.count):
        p, order, procedure = start(args.ensemble, replica, images, widths, args.seed, args.learning_rate)
        for epoch in range(1, args.epochs + 1):
            kernel.train(p, x, labels, order, procedure)
            correct, loss = kernel.judge(p, x_test, test_labels, procedure)
            rows.append((replica, epoch, correct, loss))
        print(f"mnist: replica {replica} of '{args.ensemble}', {correct} of {len(test_labels)} right", flush=True)
    write_csv(args.output, pd.DataFrame(rows, columns=["replica", "epoch", "correct", "loss"]))


if __name__ == "__main__":
    run(main)

"""Train replicas of one or more procedures and judge each on the test set after every epoch."""

import argparse

import numpy as np

from scripts.mnist import kernel
from scripts.mnist.blocks import blocks
from scripts.mnist.ensembles import DESCRIPTIONS
from scripts.mnist.procedures import start
from scripts.shared.step import at_least, reading, run, write_csv

CLASSES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--ensembles", nargs="+", required=True, choices=list(DESCRIPTIONS))
    parser.add_argument("--first", type=at_least(1), required=True, help="number of the first replica of each, from 1")
    parser.add_argument("--count", type=at_least(1), required=True, help="how many replicas of each")
    parser.add_argument("--seed", type=at_least(0), required=True)
    parser.add_argument("--hidden", type=at_least(1), nargs=2, required=True, help="widths of the hidden layers")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=at_least(1), required=True)
    parser.add_argument("--outputs", nargs="+", required=True, help="a CSV each, with a row per replica and epoch")
    args = parser.parse_args()
    with reading(args.data), np.load(args.data) as data:
        images, labels, test_labels = data["train_images"], data["train_labels"], data["test_labels"]
        x_test = blocks(data["test_images"])
    widths = [images[0].size, *args.hidden, CLASSES]
    x, seen = None, None  # the images in the order in which they were seen last
    for ensemble, output in zip(args.ensembles, args.outputs, strict=True):
        rows = []
        for replica in range(args.first, args.first + args.count):
            p, order, procedure = start(ensemble, replica, images, widths, args.seed, args.learning_rate)
            if not np.array_equal(order, seen):
                x, seen = blocks(images[order]), order
            for epoch in range(1, args.epochs + 1):
                kernel.train(p, x, labels[order], procedure)
                correct, loss = kernel.judge(p, x_test, test_labels, procedure)
                rows.append({"replica": replica, "epoch": epoch, "correct": correct, "loss": loss})
            print(f"mnist: replica {replica} of '{ensemble}', {correct} of {len(test_labels)} right", flush=True)
        write_csv(output, rows)


if __name__ == "__main__":
    run(main)

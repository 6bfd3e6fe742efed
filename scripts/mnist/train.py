"""Train the numpy network sample by sample, in file order, and judge it before training and after each epoch.

A sweep trains by this step too, with other hyperparameters, and asks for the history alone.
"""

import argparse

import numpy as np

from scripts.mnist.descent import train_epoch
from scripts.mnist.network import Parameters, as_rows, forward, initial, loss, one_hot
from scripts.shared.classification import evaluate
from scripts.shared.step import at_least, reading, run, write_csv, write_json, write_npz

CLASSES = 10


def judged(epoch: int, p: Parameters, x: np.ndarray, y: np.ndarray) -> dict:
    """Judge the network on samples x (n, n_in) with one-hot labels y (n, k)."""
    y_hat = forward(p, x).y_hat
    correct = int((y_hat.argmax(axis=1) == y.argmax(axis=1)).sum())
    return {
        "epoch": epoch,
        "test_loss": loss(y_hat, y),
        "correct": correct,
        "count": len(x),
        "accuracy": correct / len(x),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--seed", type=at_least(0), required=True)
    parser.add_argument("--hidden", type=at_least(1), nargs=2, required=True, help="widths of the hidden layers")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=at_least(1), required=True)
    parser.add_argument("--pixels", choices=["raw", "scaled"], default="raw", help="from 0 to 255, or from 0 to 1")
    parser.add_argument("--history", required=True, help="CSV to write, a row per epoch, the untrained network first")
    parser.add_argument("--weights", help="NPZ to write")
    parser.add_argument("--initial", help="JSON to write, the initial weights' first rows and shapes")
    parser.add_argument("--evaluation", help="JSON to write, the trained network on the test set")
    args = parser.parse_args()
    with reading(args.data), np.load(args.data) as data:
        x, x_test = data["train_images"], as_rows(data["test_images"])
        y, test_labels = one_hot(data["train_labels"], CLASSES), data["test_labels"]
    x, y_test = x.reshape(len(x), -1), one_hot(test_labels, CLASSES)
    if args.pixels == "scaled":
        x, x_test = x / 255, x_test / 255

    p = initial([x.shape[1], *args.hidden, CLASSES], args.seed)
    if args.initial:
        shapes = {name: list(value.shape) for name, value in p._asdict().items()}
        first_rows = {name: value[0].tolist() for name, value in p._asdict().items()}
        write_json(args.initial, {"shapes": shapes, "first_rows": first_rows, "parameters": sum(w.size for w in p)})

    rows = [judged(0, p, x_test, y_test)]
    for epoch in range(1, args.epochs + 1):
        train_epoch(p, x, y, args.learning_rate, f"epoch {epoch}/{args.epochs}")
        rows.append(judged(epoch, p, x_test, y_test))
        print(f"mnist: after epoch {epoch} {rows[-1]['correct']} of {rows[-1]['count']} test images right", flush=True)
    write_csv(args.history, rows)
    if args.evaluation:
        write_json(args.evaluation, evaluate(forward(p, x_test).y_hat, test_labels))
    if args.weights:
        write_npz(args.weights, **p._asdict())


if __name__ == "__main__":
    run(main)

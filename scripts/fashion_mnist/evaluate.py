"""Judge the reference run on the whole test set, draw a sample of it, and describe the model and its training."""

import argparse
from itertools import pairwise

import numpy as np
from safetensors.numpy import load_file

from scripts.fashion_mnist.classes import CLASSES, NAMES
from scripts.fashion_mnist.confidence import confidence
from scripts.fashion_mnist.sample import sample
from scripts.shared.classification import evaluate
from scripts.shared.step import at_least, read_csv, reading, run, write_csv, write_json


def trend(history: list[dict]) -> dict:
    """Say how the mean losses move over the epochs, a row each; with one epoch there is no change."""
    train, test = ([float(row[f"{part}_mean"]) for row in history] for part in ("train", "test"))
    return {
        "largest_training_rise": float(np.diff(train).max()) if len(train) > 1 else 0.0,
        "test_change": test[-1] - test[0],
    }


def layers(widths: list[int]) -> list[dict]:
    """Describe the layers of `scripts.fashion_mnist.model.build`, in their order, from the widths, pixels first."""
    described = [{"kind": "Flatten", "input": None, "output": None, "parameters": 0}]
    for n_in, n_out in pairwise(widths):
        described += [
            {"kind": "Linear", "input": n_in, "output": n_out, "parameters": (n_in + 1) * n_out},
            {"kind": "ReLU", "input": None, "output": None, "parameters": 0},
        ]
    return described[:-1]


def describe(args: argparse.Namespace, train_images: np.ndarray, test_count: int) -> dict:
    """Describe layers, parameter counts, batches and optimiser for training images (n, height, width)."""
    count, *shape = train_images.shape
    batch_size = args.batch_size
    widths = [int(np.prod(shape)), *args.hidden, CLASSES]
    return {
        "layers": layers(widths),
        "parameters": sum(layer["parameters"] for layer in layers(widths)),
        "widths": widths,
        "image_shape": [1, *shape],
        "batch": {"images": [min(batch_size, count), 1, *shape], "labels": [min(batch_size, count)]},
        "train_batches": -(-count // batch_size),
        "test_batches": -(-test_count // batch_size),
        "last_batch": count % batch_size or batch_size,
        # A step is the rate times the gradient, of which nothing is kept for the next.
        "training": {"epochs": args.epochs, "learning_rate": args.learning_rate, "momentum": 0},
        "names": list(NAMES),
    }


def trained(weights: dict[str, np.ndarray], history: list[dict]) -> dict:
    """Say what a run really had: the widths by the shapes of its weights, (outputs, inputs) each under a name such as
    "1.weight", and the epochs by the rows of its history."""
    matrices = [weights[name] for name in sorted(weights, key=lambda name: int(name.split(".")[0])) if "weight" in name]
    return {
        "widths": [matrices[0].shape[1], *(len(matrix) for matrix in matrices)],
        "parameters": sum(array.size for array in weights.values()),
        "epochs": len(history),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--probabilities", required=True, help="NPZ of the reference run")
    parser.add_argument("--history", required=True, help="CSV of the reference run")
    parser.add_argument("--weights", required=True, help="safetensors file of the reference run")
    parser.add_argument(
        "--hidden", type=at_least(1), nargs="*", required=True, help="what follows is of the model described"
    )
    parser.add_argument("--batch-size", type=at_least(1), required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=at_least(1), required=True)
    parser.add_argument(
        "--samples", type=at_least(1), required=True, help="how many images to draw, as far as there are"
    )
    parser.add_argument("--seed", type=at_least(0), required=True, help="seed of the draw")
    parser.add_argument("--model", required=True, help="JSON to write")
    parser.add_argument("--evaluation", required=True, help="JSON to write")
    parser.add_argument("--confidence", required=True, help="JSON to write")
    parser.add_argument("--calibration", required=True, help="CSV to write")
    parser.add_argument("--sample", required=True, help="CSV to write")
    args = parser.parse_args()
    with reading(args.data), np.load(args.data) as data:
        images, labels = data["train_images"], data["test_labels"]
    with reading(args.probabilities), np.load(args.probabilities) as outputs:
        probabilities = outputs["probabilities"]
    with reading(args.weights):
        weights = load_file(args.weights)
    history = read_csv(args.history)
    samples = min(args.samples, len(labels))
    values, table = confidence(probabilities, labels, samples)
    write_json(args.model, describe(args, images, len(labels)) | {"trained": trained(weights, history)})
    write_json(args.evaluation, evaluate(probabilities, labels) | {"trend": trend(history)})
    write_json(args.confidence, values)
    write_csv(args.calibration, table)
    write_csv(args.sample, sample(probabilities, labels, samples, args.seed))


if __name__ == "__main__":
    run(main)

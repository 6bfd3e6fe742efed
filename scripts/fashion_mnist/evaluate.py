"""Judge the reference run on the whole test set, and describe the model and its training."""

import argparse

import numpy as np
import pandas as pd

from scripts.fashion_mnist.model import NAMES, build, optimizer
from scripts.shared.classification import evaluate
from scripts.shared.step import run, write_json


def trend(history: pd.DataFrame) -> dict:
    """Say how the mean losses move over the epochs; with one epoch there is no change."""
    rises = history["train_mean"].diff().dropna()
    return {
        "largest_training_rise": float(rises.max()) if len(rises) else 0.0,
        "test_change": float(history["test_mean"].iloc[-1] - history["test_mean"].iloc[0]),
    }


def describe(args: argparse.Namespace, train_images: np.ndarray, test_count: int) -> dict:
    """Describe layers, parameter counts, batches and optimiser for training images (n, height, width)."""
    count, *shape = train_images.shape
    batch_size = args.batch_size
    model = build(args.hidden, int(np.prod(shape)))
    layers = [
        {
            "kind": type(layer).__name__,
            "input": getattr(layer, "in_features", None),
            "output": getattr(layer, "out_features", None),
            "parameters": sum(p.numel() for p in layer.parameters()),
        }
        for layer in model
    ]
    return {
        "layers": layers,
        "parameters": sum(layer["parameters"] for layer in layers),
        "widths": [layers[1]["input"], *(layer["output"] for layer in layers if layer["output"])],
        "image_shape": [1, *shape],
        "batch": {"images": [min(batch_size, count), 1, *shape], "labels": [min(batch_size, count)]},
        "train_batches": -(-count // batch_size),
        "test_batches": -(-test_count // batch_size),
        "last_batch": count % batch_size or batch_size,
        "training": {
            "epochs": args.epochs,
            "learning_rate": args.learning_rate,
            "momentum": optimizer(model, args.learning_rate).defaults["momentum"],
        },
        "names": list(NAMES),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--probabilities", required=True, help="NPZ of the reference run")
    parser.add_argument("--hidden", type=int, nargs="+", required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--history", required=True, help="CSV of the reference run")
    parser.add_argument("--evaluation", required=True, help="JSON to write")
    parser.add_argument("--model", required=True, help="JSON to write")
    args = parser.parse_args()
    with np.load(args.data) as data, np.load(args.probabilities) as outputs:
        model = describe(args, data["train_images"], len(data["test_labels"]))
        judged = evaluate(outputs["probabilities"], data["test_labels"])
    write_json(args.evaluation, judged | {"trend": trend(pd.read_csv(args.history))})
    write_json(args.model, model)


if __name__ == "__main__":
    run(main)

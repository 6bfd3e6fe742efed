"""Judge the reference run on the whole test set, and describe the model that was trained."""

import argparse

import numpy as np

from scripts.classification import evaluate
from scripts.fashion_mnist.model import NAMES, build
from scripts.step import run, write_json


def describe(hidden: list[int], batch_size: int, train_images: np.ndarray, test_count: int) -> dict:
    """Describe layers, parameter counts and batches for training images (n, height, width)."""
    count, *shape = train_images.shape
    model = build(hidden, int(np.prod(shape)))
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
        "names": list(NAMES),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="NPZ of the dataset")
    parser.add_argument("--probabilities", required=True, help="NPZ of the reference run")
    parser.add_argument("--hidden", type=int, nargs="+", required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--evaluation", required=True, help="JSON to write")
    parser.add_argument("--model", required=True, help="JSON to write")
    args = parser.parse_args()
    with np.load(args.data) as data, np.load(args.probabilities) as outputs:
        model = describe(args.hidden, args.batch_size, data["train_images"], len(data["test_labels"]))
        write_json(args.evaluation, evaluate(outputs["probabilities"], data["test_labels"]))
    write_json(args.model, model)


if __name__ == "__main__":
    run(main)

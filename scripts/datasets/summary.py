"""What an image dataset holds, counted: images, shapes, labels per class; and the step that both readers are."""

import argparse
from collections.abc import Callable

import numpy as np

from scripts.shared.step import write_json, write_npz


def summary(arrays: dict[str, np.ndarray]) -> dict:
    """Count what train_images (n, 28, 28), train_labels (n,), test_images and test_labels (uint8) hold."""

    def part(images: np.ndarray, labels: np.ndarray) -> dict:
        return {
            "count": len(images),
            "image_shape": list(images.shape[1:]),
            "first_label": int(labels[0]),
            "class_counts": np.bincount(labels, minlength=10).tolist(),
            "pixel_range": [int(images.min()), int(images.max())],
        }

    return {
        "train": part(arrays["train_images"], arrays["train_labels"]),
        "test": part(arrays["test_images"], arrays["test_labels"]),
        # A weight of a pixel that is zero in every training image never moves.
        "dead_pixels": int((arrays["train_images"].max(axis=0) == 0).sum()),
    }


def step(read: Callable[[str], dict[str, np.ndarray]], description: str) -> None:
    """Read the folder named on the command line; write the arrays and what they hold."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--folder", required=True, help="folder with the four .gz files")
    parser.add_argument("--arrays", required=True, help="NPZ to write")
    parser.add_argument("--summary", required=True, help="JSON to write")
    options = parser.parse_args()
    arrays = read(options.folder)
    write_npz(options.arrays, **arrays)
    write_json(options.summary, summary(arrays))

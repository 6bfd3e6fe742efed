"""What an image dataset holds, counted: images, shapes, labels per class."""

import numpy as np


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

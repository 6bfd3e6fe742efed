"""What a dataset holds, counted."""

import numpy as np

from scripts.datasets.summary import summary


def test_summary_counts():
    images = np.zeros((4, 2, 3), np.uint8)
    images[1, 0, 0], images[2, 1, 2] = 7, 250
    labels = np.array([3, 3, 0, 9], np.uint8)
    arrays = {"train_images": images, "train_labels": labels, "test_images": images[:2], "test_labels": labels[1:3]}
    assert summary(arrays) == {
        "train": {
            "count": 4,
            "image_shape": [2, 3],
            "first_label": 3,
            "class_counts": [1, 0, 0, 2, 0, 0, 0, 0, 0, 1],
            "pixel_range": [0, 250],
        },
        "test": {
            "count": 2,
            "image_shape": [2, 3],
            "first_label": 3,
            "class_counts": [1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            "pixel_range": [0, 7],
        },
        "dead_pixels": 4,
    }

"""Synthetic images to train on."""

import gzip

import numpy as np
import pytest


@pytest.fixture(scope="module")
def digits(official_files) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic images (300, 28, 28) and their labels."""
    files = official_files["mnist"]
    images = np.frombuffer(gzip.decompress(files["train-images-idx3-ubyte.gz"]), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress(files["train-labels-idx1-ubyte.gz"]), np.uint8, offset=8)
    return images.reshape(-1, 28, 28), labels

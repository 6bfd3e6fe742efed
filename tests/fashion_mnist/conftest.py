"""Small images to learn from, and how they are trained on."""

from argparse import Namespace

import numpy as np
import pytest

from scripts.fashion_mnist.experiment import Data, ready


def settings(**changed) -> Namespace:
    """Return what the commands are told, with some of it changed."""
    known = {"seed": 3, "hidden": [6, 5], "batch_size": 8, "learning_rate": 0.1, "epochs": 3}
    known |= {"device": "cpu", "pixels": "scaled"}
    return Namespace(**known | changed)


@pytest.fixture
def file(tmp_path) -> str:
    """An NPZ of 21 and 11 images of 4 × 4 pixels: batches of 8 end in short ones."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 21), ("test", 11)):
        arrays[f"{part}_images"] = rng.integers(0, 256, (count, 4, 4), dtype=np.uint8)
        arrays[f"{part}_labels"] = rng.integers(0, 10, count, dtype=np.uint8)
    np.savez(tmp_path / "data.npz", **arrays)
    return str(tmp_path / "data.npz")


@pytest.fixture
def data(file) -> tuple[Data, Data]:
    """The same as training and test data on the CPU."""
    return ready(settings(data=file))

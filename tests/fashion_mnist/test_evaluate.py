"""What is said of the model and of its losses."""

from argparse import Namespace

import numpy as np
import pandas as pd

from scripts.fashion_mnist.evaluate import describe, trend


def test_description():
    args = Namespace(hidden=[256, 128, 64], batch_size=64, learning_rate=0.01, epochs=25)
    found = describe(args, np.zeros((600, 28, 28), np.uint8), 130)
    assert found["widths"] == [784, 256, 128, 64, 10]
    assert (found["train_batches"], found["test_batches"], found["last_batch"]) == (10, 3, 24)
    assert found["batch"] == {"images": [64, 1, 28, 28], "labels": [64]}
    assert found["training"]["momentum"] == 0
    assert found["parameters"] == sum(layer["parameters"] for layer in found["layers"])


def test_trend():
    rising = trend(pd.DataFrame({"train_mean": [2.0, 1.0, 1.25], "test_mean": [2.0, 1.5, 1.0]}))
    assert rising == {"largest_training_rise": 0.25, "test_change": -1.0}

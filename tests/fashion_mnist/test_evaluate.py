"""What is said of the model and of its losses."""

import subprocess
import sys

import numpy as np
import pytest
from fashion_mnist.conftest import settings
from project import ROOT

from scripts.fashion_mnist.evaluate import describe, layers, trained, trend
from scripts.fashion_mnist.model import build


def test_description():
    args = settings(hidden=[256, 128, 64], batch_size=64, learning_rate=0.01, epochs=25)
    found = describe(args, np.zeros((600, 28, 28), np.uint8), 130)
    assert found["widths"] == [784, 256, 128, 64, 10]
    assert (found["train_batches"], found["test_batches"], found["last_batch"]) == (10, 3, 24)
    assert found["batch"] == {"images": [64, 1, 28, 28], "labels": [64]}
    assert found["training"] == {"epochs": 25, "learning_rate": 0.01, "momentum": 0}
    assert found["parameters"] == sum(layer["parameters"] for layer in found["layers"])


@pytest.mark.parametrize(
    ("count", "batch_size", "batches", "last"), [(128, 64, 2, 64), (129, 64, 3, 1), (127, 64, 2, 63), (5, 64, 1, 5)]
)
def test_batches(count, batch_size, batches, last):
    args = settings(batch_size=batch_size)
    found = describe(args, np.zeros((count, 4, 4), np.uint8), count)
    assert (found["train_batches"], found["test_batches"], found["last_batch"]) == (batches, batches, last)
    assert found["batch"]["labels"] == [min(count, batch_size)]


@pytest.mark.parametrize("hidden", [[256, 128, 64], [3], []])
def test_layers_are_those_that_torch_builds(hidden):
    built = [
        {
            "kind": type(layer).__name__,
            "input": getattr(layer, "in_features", None),
            "output": getattr(layer, "out_features", None),
            "parameters": sum(p.numel() for p in layer.parameters()),
        }
        for layer in build(hidden, 784)
    ]
    assert layers([784, *hidden, 10]) == built


def test_what_was_trained_is_told_by_its_results():
    weights = {name: array.detach().numpy() for name, array in build([256, 128, 64, 32, 16], 784).state_dict().items()}
    found = trained(weights, [{}] * 25)
    assert found["widths"] == [784, 256, 128, 64, 32, 16, 10] and found["epochs"] == 25
    assert found["parameters"] == sum(layer["parameters"] for layer in layers(found["widths"]))


def test_trend():
    rows = zip([2.0, 1.0, 1.25], [2.0, 1.5, 1.0], strict=True)
    history = [{"train_mean": train, "test_mean": test} for train, test in rows]
    assert trend(history) == {"largest_training_rise": 0.25, "test_change": -1.0}
    assert trend(history[:1]) == {"largest_training_rise": 0.0, "test_change": 0.0}


def test_the_step_imports_nothing_heavy():
    program = "import sys, scripts.fashion_mnist.evaluate; print({'torch', 'pandas', 'scipy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True).strip() == "set()"

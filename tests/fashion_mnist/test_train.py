"""The training on small data: order of passes, losses, repetitions."""

from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
import torch

from scripts.fashion_mnist.model import build
from scripts.fashion_mnist.train import probabilities, train
from scripts.shared.seeds import stream
from scripts.shared.step import Failure

ARGS = Namespace(device="cpu", seed=3, run=0, hidden=[6, 5], batch_size=8, learning_rate=0.1, epochs=3)


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "train_images": rng.integers(0, 256, (21, 4, 4), dtype=np.uint8),
        "train_labels": rng.integers(0, 10, 21, dtype=np.uint8),
        "test_images": rng.integers(0, 256, (11, 4, 4), dtype=np.uint8),
        "test_labels": rng.integers(0, 10, 11, dtype=np.uint8),
    }


def test_each_epoch_tests_first_and_then_trains(arrays):
    """The recorded figures, found again by stepping through the epochs with plain tensors."""
    model, history, last = train(arrays, ARGS)
    seed = stream(ARGS.seed, "run 0")
    torch.manual_seed(stream(seed, "initial weights"))
    weights = [p.detach().double().requires_grad_() for p in build(ARGS.hidden, 16).parameters()]
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    x, x_test = (tensors[f"{part}_images"].flatten(1).double() / 255 for part in ("train", "test"))
    y, y_test = (tensors[f"{part}_labels"].long() for part in ("train", "test"))

    def loss_of(inputs, labels):
        for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            inputs = (inputs @ weight.T + bias).clamp(min=0)
        logits = inputs @ weights[-2].T + weights[-1]
        return (logits.logsumexp(1) - logits[torch.arange(len(labels)), labels]).mean()

    shuffle = torch.Generator().manual_seed(stream(seed, "shuffling"))
    for _, row in history.iterrows():
        tested = sum(loss_of(a, b).item() for a, b in zip(x_test.split(8), y_test.split(8), strict=True))
        assert row["test_sum"] == pytest.approx(tested, rel=1e-5)
        trained, order = 0.0, torch.randperm(21, generator=shuffle)
        for index in order.split(8):
            loss = loss_of(x[index], y[index])
            trained += loss.item()
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for weight, gradient in zip(weights, gradients, strict=True):
                    weight -= 0.1 * gradient
        assert row["train_sum"] == pytest.approx(trained, rel=1e-5)
    assert list(history["train_mean"]) == pytest.approx(list(history["train_sum"] / 3))
    assert list(history["test_mean"]) == pytest.approx(list(history["test_sum"] / 2))
    assert list(last["index"]) == order[16:].tolist()
    assert list(last["label"]) == arrays["train_labels"][last["index"]].tolist()
    for parameter, weight in zip(model.parameters(), weights, strict=True):
        torch.testing.assert_close(parameter.double(), weight, rtol=1e-4, atol=1e-6)


def test_runs_repeat_and_differ(arrays):
    first, again, other = (train(arrays, Namespace(**vars(ARGS) | {"run": run}))[1] for run in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert (first["train_sum"] != other["train_sum"]).all()


def test_probabilities_sum_to_one(arrays):
    model, _, _ = train(arrays, ARGS)
    found = probabilities(model, arrays["test_images"])
    assert found.shape == (11, 10)
    assert found.sum(axis=1) == pytest.approx(np.ones(11), abs=1e-6)


def test_no_cuda_is_one_line(arrays, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Failure, match=r"fashion_mnist\.device is cuda, but no CUDA device is there"):
        train(arrays, Namespace(**vars(ARGS) | {"device": "cuda"}))

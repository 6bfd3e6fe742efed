"""The PyTorch experiment on small data: model, order of passes, losses, evaluation, samples."""

from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.transforms import ToTensor

from scripts.fashion_mnist.confidence import confidence, wilson
from scripts.fashion_mnist.evaluate import describe, trend
from scripts.fashion_mnist.model import as_tensor, build
from scripts.fashion_mnist.sample import sample
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


def test_model_is_the_described_one():
    model = build([256, 128, 64], 784)
    assert [type(layer).__name__ for layer in model] == ["Flatten", *["Linear", "ReLU"] * 3, "Linear"]
    assert (
        sum(p.numel() for p in model.parameters()) == 784 * 256 + 256 * 128 + 128 * 64 + 64 * 10 + 256 + 128 + 64 + 10
    )


def test_pixels_are_scaled_as_totensor_does():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    torch.testing.assert_close(as_tensor(images)[0], ToTensor()(images[0][:, :, None]), rtol=0, atol=0)


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


def test_confidence_by_hand():
    """Four images: two surely right, one surely wrong, one right with no class above a half."""
    p = np.full((4, 10), 0.0)
    p[0, 1], p[0, 2] = 0.95, 0.05
    p[1, 3], p[1, 4] = 0.85, 0.15
    p[2, 5], p[2, 6] = 0.75, 0.25
    p[3, 7], p[3, 8], p[3, 9] = 0.4, 0.3, 0.3
    figures, table = confidence(p, np.array([1, 3, 6, 7]), 2)
    assert (figures["correct"], figures["wrong"], figures["dominated"], figures["dominated_but_wrong"]) == (3, 1, 3, 1)
    assert figures["all_samples_right"] == pytest.approx(0.75**2)
    assert figures["calibration_error"] == pytest.approx((0.05 + 0.15 + 0.75 + 0.6) / 4)
    assert [(c["label"], c["predicted"], c["images"]) for c in figures["confusions"]] == [(6, 5, 1)]
    assert figures["mistakes"][0]["number"] == 3
    assert table["images"].tolist() == [0, 0, 0, 0, 1, 0, 0, 1, 1, 1]


def test_wilson_is_the_published_interval():
    """Newcombe 1998, table I: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_samples_are_drawn_by_the_seed():
    rng = np.random.default_rng(0)
    p, labels = rng.dirichlet(np.ones(10), 50), rng.integers(0, 10, 50)
    table = sample(p, labels, 3, 1)
    pd.testing.assert_frame_equal(table, sample(p, labels, 3, 1))
    assert table["number"].nunique() == 3
    assert set(sample(p, labels, 3, 2)["number"]) != set(table["number"])
    assert sample(p, labels, 50, 1)["number"].nunique() == 50
    for row in table.itertuples():
        assert row.probability == p[row.number - 1, row[5]]
        assert row.label == labels[row.number - 1]
        assert row.predicted == p[row.number - 1].argmax()
    with pytest.raises(Failure, match="only 50 test images"):
        sample(p, labels, 51, 1)

"""The training on small data: order of passes, losses, repetitions."""

import sys

import numpy as np
import pandas as pd
import pytest
import torch
from fashion_mnist.conftest import settings
from safetensors.torch import load_file

from scripts.fashion_mnist.experiment import start
from scripts.fashion_mnist.model import build, scaled
from scripts.fashion_mnist.train import log_probabilities, main, train, training_pass
from scripts.shared.seeds import stream


def test_each_epoch_tests_first_and_then_trains(data):
    """The recorded figures, found again by stepping through the epochs with plain tensors."""
    model, history, last, _ = train(settings(), *data)
    seed = stream(settings().seed, "run 0")
    torch.manual_seed(stream(seed, "initial weights"))
    weights = [p.detach().double().requires_grad_() for p in build([6, 5], 16).parameters()]
    (x, y), (x_test, y_test) = ((images.double() / 255, labels) for images, labels in data)

    def loss_of(inputs, labels):
        for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            inputs = (inputs @ weight.T + bias).clamp(min=0)
        logits = inputs @ weights[-2].T + weights[-1]
        return (logits.logsumexp(1) - logits[torch.arange(len(labels)), labels]).mean()

    shuffle = torch.Generator().manual_seed(stream(seed, "shuffling"))
    for row in history:
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
        assert (row["train_mean"], row["test_mean"]) == pytest.approx((row["train_sum"] / 3, row["test_sum"] / 2))
    assert [row["epoch"] for row in history] == [0, 1, 2]
    assert [row["index"] for row in last] == order[16:].tolist()
    assert [row["label"] for row in last] == y[order[16:]].tolist()
    for parameter, weight in zip(model.parameters(), weights, strict=True):
        torch.testing.assert_close(parameter.double(), weight, rtol=1e-4, atol=1e-6)


def test_steps_are_those_of_torchs_optimiser(data):
    """Plain stochastic gradient descent, to the last bit: no momentum, no weight decay."""
    (ours, shuffle), (theirs, _) = start(settings(), 0, 16), start(settings(), 0, 16)
    order = torch.randperm(21, generator=shuffle)
    training_pass(ours, data[0], order, 8, 0.1)
    descent = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0)
    for index in order.split(8):
        descent.zero_grad()
        torch.nn.CrossEntropyLoss()(theirs(scaled(data[0].images[index])), data[0].labels[index]).backward()
        descent.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_command_writes_weights_and_what_they_say(file, data, tmp_path, monkeypatch):
    options = "--seed 3 --hidden 6 5 --batch-size 8 --learning-rate 0.1 --epochs 3 --device cpu"
    files = {"history": "h.csv", "weights": "w.safetensors", "last-batch": "l.csv", "probabilities": "p.npz"}
    written = [f"--{option} {tmp_path / name}" for option, name in files.items()]
    monkeypatch.setattr(sys, "argv", f"train --data {file} {options} {' '.join(written)}".split())
    main()
    model = build([6, 5], 16)
    model.load_state_dict(load_file(tmp_path / "w.safetensors"))
    outputs = torch.from_numpy(np.load(tmp_path / "p.npz")["probabilities"])
    assert outputs.sum(1) == pytest.approx(np.ones(11), abs=1e-6)
    torch.testing.assert_close(outputs, log_probabilities(model, scaled(data[1].images)).exp())
    history = pd.read_csv(tmp_path / "h.csv")
    assert history.to_dict("records") == train(settings(), *data).history
    assert len(pd.read_csv(tmp_path / "l.csv")) == 5


@pytest.mark.parametrize("pixels", ["scaled", "raw"])
def test_pixels_enter_the_training_as_asked(data, pixels):
    """In one batch of all images the training loss is that of the initial weights."""
    images, labels = data[0]
    outputs = start(settings(), 0, 16)[0](images.float() / (255 if pixels == "scaled" else 1))
    loss = torch.nn.functional.cross_entropy(outputs, labels).item()
    [row] = train(settings(pixels=pixels, batch_size=21, epochs=1), *data).history
    assert row["train_mean"] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("pixels", ["scaled", "raw"])
def test_the_course_is_the_same_training_seen_from_its_ends(data, pixels):
    """A row before training and after each epoch; test loss and hits are found again from the trained model."""
    model, history, _, course = train(settings(pixels=pixels, learning_rate=1e-4), *data)
    assert [row["epoch"] for row in course] == [0, 1, 2, 3]
    assert [row["train_loss"] for row in course] == [None, *(row["train_mean"] for row in history)]
    images, labels = data[1]
    outputs = model(images.float() / (255 if pixels == "scaled" else 1)).log_softmax(1)
    loss, last = torch.nn.functional.nll_loss(outputs.double(), labels).item(), course[-1]
    assert last["test_loss"] == pytest.approx(loss, rel=1e-5)
    assert last["correct"] == int((outputs.argmax(1) == labels).sum()) == last["accuracy"] * last["count"]
    assert last["count"] == len(labels)


def test_a_sweep_writes_the_course_alone(file, data, tmp_path, monkeypatch):
    options = "--seed 3 --hidden 6 5 --batch-size 8 --learning-rate 0.1 --epochs 3 --device cpu --pixels raw"
    monkeypatch.setattr(sys, "argv", f"train --data {file} {options} --course {tmp_path / 'new' / 'c.csv'}".split())
    main()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["c.csv"]
    course = pd.read_csv(tmp_path / "new/c.csv")
    expected = pd.DataFrame(train(settings(pixels="raw"), *data).course)
    pd.testing.assert_frame_equal(course, expected.astype({"train_loss": float}))

"""The hand-written training beside the reference: same gradients, course and distribution; alone or in a batch."""

import sys

import pytest
import torch
from fashion_mnist.conftest import settings
from scipy.stats import mannwhitneyu
from torch.nn import CrossEntropyLoss

from scripts.fashion_mnist import replicate
from scripts.fashion_mnist.experiment import Data, ready, start
from scripts.fashion_mnist.model import scaled
from scripts.fashion_mnist.replicate import log_probabilities, train, training_pass, with_biases
from scripts.fashion_mnist.train import train as train_reference
from scripts.fashion_mnist.train import training_pass as reference_pass
from scripts.shared.step import Failure


def moved(hidden: list[int], data: Data, batch_size: int, dead: int = 0) -> tuple[list, list]:
    """Return, in float64, the W̃ of each layer after a pass by hand at rate 1, and after the same by autograd.

    dead: so many units of the first hidden layer have no weights; all images lie on their kinks, at u = 0.
    """
    model, shuffle = start(settings(hidden=hidden), 1, data.images.shape[1])
    with torch.no_grad():
        model[1].weight[:dead], model[1].bias[:dead] = 0, 0
    model, order = model.double(), torch.randperm(len(data.labels), generator=shuffle)
    W = with_biases(model)
    training_pass(W, data, order, batch_size, 1.0)
    for index in order.split(batch_size):
        model.zero_grad()
        CrossEntropyLoss()(model(data.images[index].double() / 255), data.labels[index]).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= parameter.grad
    return W, with_biases(model)


@pytest.mark.parametrize("batch_size", [21, 8, 7, 50])
@pytest.mark.parametrize(("hidden", "dead"), [([6, 5], 0), ([6, 5], 3), ([7], 0), ([], 0), ([9, 4, 3], 1)])
def test_gradients_are_those_of_autograd(data, hidden, dead, batch_size):
    """One batch; batches with a short one at the end; batches of one size; fewer images than a batch has."""
    by_hand, by_torch = moved(hidden, data[0], batch_size, dead)
    torch.testing.assert_close(by_hand, by_torch, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda du, x, zero, grad_input: du,  # the derivative of max(u, 0) is taken for 1 everywhere
        lambda du, x, zero, grad_input: du.mul_((x > 0).double() + 1e-9),
    ],
)
def test_wrong_gradients_are_seen(data, wrong, monkeypatch):
    monkeypatch.setattr(replicate, "relu_backward", wrong)
    by_hand, by_torch = moved([6, 5], data[0], 8)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(by_hand, by_torch, rtol=0, atol=1e-12)


def test_a_run_goes_as_the_reference_would(data):
    """Run 2, from the same weights and in the same order: the same up to rounding in float32."""
    [(history, last, probabilities)] = train(settings(), [2], *data)
    model, shuffle = start(settings(), 2, 16)
    for row in history:
        with torch.no_grad():
            tested = CrossEntropyLoss(reduction="none")(model(scaled(data[1].images)), data[1].labels)
        assert row["test_sum"] == pytest.approx(sum(batch.mean().item() for batch in tested.split(8)), rel=1e-5)
        order = torch.randperm(21, generator=shuffle)
        log_p = reference_pass(model, data[0], order, 8, 0.1)
        hits = (log_p.argmax(1) == data[0].labels[order]).sum()
        assert row["train_correct"] == hits
    assert [(row["index"], row["predicted"]) for row in last] == list(
        zip(order[16:].tolist(), log_p[16:].argmax(1).tolist(), strict=True)
    )
    torch.testing.assert_close(probabilities, model(scaled(data[1].images)).softmax(1).detach())


def test_losses_come_from_the_distribution_of_the_reference(data):
    """Ranks of the last losses over 40 seeds; a rate of half as much again is seen, so the test can fail."""
    by_torch = [train_reference(settings(seed=seed, epochs=10), *data)[1][-1] for seed in range(40)]
    by_hand, otherwise = (
        [history[-1] for history, _, _ in train(settings(seed=40, epochs=10, learning_rate=rate), range(40), *data)]
        for rate in (0.1, 0.15)
    )
    for loss in ("train_sum", "test_sum"):
        known, found, wrong = ([row[loss] for row in rows] for rows in (by_torch, by_hand, otherwise))
        assert mannwhitneyu(known, found).pvalue > 0.01
        assert mannwhitneyu(known, wrong).pvalue < 0.01


def test_a_stack_of_replicas_is_trained_as_each_alone(data):
    """The way of a GPU, in float64: each replica in its own order, the last batch a short one."""
    starts = [start(settings(), number, 16) for number in (1, 2, 3)]
    alone = [with_biases(model.double()) for model, _ in starts]
    stack = [torch.stack(layer) for layer in zip(*alone, strict=True)]
    orders = torch.stack([torch.randperm(21, generator=shuffle) for _, shuffle in starts])
    x_test = scaled(data[1].images).double()
    together = training_pass(stack, data[0], orders, 8, 0.1)
    tested = log_probabilities(stack, x_test)
    for k, W in enumerate(alone):
        torch.testing.assert_close(training_pass(W, data[0], orders[k], 8, 0.1), together[k])
        torch.testing.assert_close(W, [layer[k] for layer in stack])
        torch.testing.assert_close(log_probabilities(W, x_test), tested[k])


def test_what_is_recorded_of_a_stack_is_that_of_each_alone(data):
    """Up to rounding in float32: rows, last batch and probabilities, each run's own."""
    together = list(train(settings(), [1, 2, 3], *data))
    alone = [results for number in (1, 2, 3) for results in train(settings(), [number], *data)]
    for (history, last, probabilities), known in zip(together, alone, strict=True):
        assert len(history) == 3 and len(last) == 5
        for row, expected in zip(history, known[0], strict=True):
            assert row == pytest.approx(expected, rel=1e-5)
        assert last == known[1]
        torch.testing.assert_close(probabilities, known[2])
    for one, other in ((0, 1), (1, 2)):
        assert alone[one][0] != alone[other][0] and alone[one][1] != alone[other][1]


FILES = {"history": "history.csv", "last-batch": "last_batch.csv", "probabilities": "probabilities.npz"}


def command(file: str, folder, first: int, count: int) -> list[str]:
    """Return the command for so many runs, that writes into a folder."""
    options = "--seed 3 --hidden 6 5 --batch-size 8 --learning-rate 0.1 --epochs 2 --device cpu"
    written = []
    for option, name in FILES.items():
        written += [f"--{option}", *(f"{folder}/{number}/{name}" for number in range(first, first + count))]
    return f"replicate --data {file} {options} --first {first}".split() + written


def test_a_run_does_not_depend_on_its_batch(file, tmp_path, monkeypatch):
    """Run 3 alone writes the bytes that it writes as the third of four; others write others."""
    monkeypatch.setattr(sys, "argv", command(file, tmp_path / "batch", 1, 4))
    replicate.main()
    monkeypatch.setattr(sys, "argv", command(file, tmp_path / "alone", 3, 1))
    replicate.main()
    for name in FILES.values():
        bytes_of = [(tmp_path / "batch" / str(number) / name).read_bytes() for number in (1, 2, 3, 4)]
        assert (tmp_path / "alone/3" / name).read_bytes() == bytes_of[2]
        assert len(set(bytes_of)) == 4


def test_files_that_do_not_match_are_one_line(file, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [*command(file, tmp_path, 1, 2), "--history", "one"])
    with pytest.raises(Failure, match="as many files"):
        replicate.main()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_trains_the_same_runs(file, data):
    """All in one product, the data on the device: another machine's bits, the same every time."""
    on_device = ready(settings(data=file, device="cuda"))
    first, again = (list(train(settings(), [1, 2, 3], *on_device)) for _ in range(2))
    expected = [results for number in (1, 2, 3) for results in train(settings(), [number], *data)]
    for found, same, (history, last, probabilities) in zip(first, again, expected, strict=True):
        assert found[:2] == same[:2] and torch.equal(found[2], same[2])
        for row, known in zip(found[0], history, strict=True):
            assert row == pytest.approx(known, rel=1e-4)
        assert found[1] == last
        torch.testing.assert_close(found[2].cpu(), probabilities, rtol=1e-3, atol=1e-5)

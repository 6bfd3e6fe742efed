"""What is recorded of a training, by hand."""

import pytest
import torch
from fashion_mnist.conftest import settings

from scripts.fashion_mnist.experiment import Data, epoch_row, last_batch, ready, start, sum_of_means
from scripts.shared.step import Failure


@pytest.mark.parametrize(("batch_size", "expected"), [(2, 1.5 + 3.5 + 5), (5, 3), (6, 3), (1, 15)])
def test_losses_are_means_of_batches_and_added_up(batch_size, expected):
    """Losses 1 to 5 of the true classes: the last, short batch counts as much as the others."""
    log_p = torch.full((5, 10), -20.0)
    log_p[range(5), [3, 1, 4, 1, 5]] = -torch.arange(1.0, 6)
    assert sum_of_means(log_p, torch.tensor([3, 1, 4, 1, 5]), batch_size) == pytest.approx(expected, rel=1e-12)


def test_rows_by_hand():
    eye = torch.eye(10)
    trained, labels = eye[[0, 1, 2]] - 1, torch.tensor([0, 1, 9])
    test = Data(torch.zeros(2, 1), torch.tensor([3, 3]))
    row = epoch_row(7, trained, labels, eye[[3, 4]] - 2, test, batch_size=2)
    assert row == {
        "epoch": 7, "train_sum": 1.0, "test_sum": 1.5, "train_mean": 0.5, "test_mean": 1.5, "train_correct": 2,
    }  # fmt: skip
    assert last_batch(trained, labels, torch.tensor([2, 0, 1]), 2) == [
        {"position": 1, "index": 1, "label": 9, "predicted": 2}
    ]
    assert [row["index"] for row in last_batch(trained, labels, torch.tensor([2, 0, 1]), 3)] == [2, 0, 1]


def test_runs_repeat_and_differ():
    (first, shuffle), (again, shuffle_again), (other, _) = (start(settings(), number, 16) for number in (0, 0, 1))
    assert torch.equal(first[1].weight, again[1].weight) and not torch.equal(first[1].weight, other[1].weight)
    assert torch.equal(torch.randperm(9, generator=shuffle), torch.randperm(9, generator=shuffle_again))


def test_one_thread_adds_up(file):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        ready(settings(data=file))
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_no_cuda_is_one_line(file, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Failure, match=r"fashion_mnist\.device is cuda, but no CUDA device is there"):
        ready(settings(data=file, device="cuda"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="the device takes data")
@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("CUDA error: busy or unavailable\nCUDA kernel errors", r"takes no data \(CUDA error: .*able\); set"),
        ("CUDA error: out of memory\nSearch for it", "^CUDA error: out of memory"),  # step.run() says what to do
    ],
)
def test_a_device_that_takes_no_data_does_not_make_the_file_damaged(file, monkeypatch, said, line):
    def full(data, device):
        assert device.type == "cuda"
        raise torch.AcceleratorError(said)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(Data, "to", full)
    with pytest.raises((RuntimeError, Failure), match=line):
        ready(settings(data=file, device="cuda"))

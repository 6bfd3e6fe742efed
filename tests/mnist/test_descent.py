"""The training loop does what `backward` and `descend` say, to the last bit."""

import numpy as np
import pytest

from scripts.mnist.descent import train_epoch
from scripts.mnist.network import Parameters, backward, descend, initial, one_hot

RATE = 0.003


def digits(n: int, pixels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey values (n, pixels) as of digits, most of them zero, some in all images; the first image is black."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (n, pixels), dtype=np.uint8) * (rng.random((n, pixels)) < 0.2)
    x[:, :7] = 0
    x[0] = 0
    return x.astype(np.uint8), one_hot(rng.integers(0, 10, n))


def as_written(p: Parameters, x: np.ndarray, y: np.ndarray) -> None:
    for i in range(len(x)):
        descend(p, backward(p, x[i : i + 1].astype(np.float64), y[i : i + 1]), RATE)


def saturated(p: Parameters) -> None:
    """Spread the sigmoids' inputs to both sides of the clip; one unit is beyond it always, which W2 shows."""
    p.W1[:] *= 20
    p.W1[:, 0], p.b1[0, 0], p.W2[0] = 0, -600, 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("change", [lambda p: None, saturated], ids=["fresh", "saturated"])
def test_every_bit_is_as_written(seed, change):
    x, y = digits(300, 784, seed)
    one, other = initial([784, 32, 32, 10], seed), initial([784, 32, 32, 10], seed)
    for p in (one, other):
        change(p)
    before = one.W1.copy()
    as_written(one, x, y)
    train_epoch(other, x, y, RATE)
    for value, expected in zip(other, one, strict=True):
        assert value.tobytes() == expected.tobytes()
    assert (other.W1[7:] != before[7:]).any(axis=1).all() and (other.W1[:7] == before[:7]).all()


def test_the_saturated_network_is_saturated():
    """Else the test above would not see a missing clip."""
    x, y = digits(300, 784, 0)
    p = initial([784, 32, 32, 10], 0)
    saturated(p)
    u = x.astype(np.float64) @ p.W1
    assert (u < -500).any() and (u > 500).any()
    train_epoch(p, x, y, RATE)
    assert 0 < np.abs(p.W2[0]).max() < 1e-216


def test_widths_dtypes_and_progress(capsys, monkeypatch):
    monkeypatch.setattr("scripts.mnist.descent.PROGRESS", 2)
    x, y = digits(5, 30, 0)
    one, other = initial([30, 5, 7, 10], 0), initial([30, 5, 7, 10], 0)
    train_epoch(one, x, y, RATE, "epoch 1/1")
    train_epoch(other, x.astype(np.float64), y, RATE)
    assert capsys.readouterr().out == "mnist: epoch 1/1, 2 of 5 images\nmnist: epoch 1/1, 4 of 5 images\n"
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))

"""The command that trains the reference, and the runs of sweeps."""

import sys

import numpy as np
import pytest

from scripts.mnist.network import backward, descend, forward, initial, loss, one_hot
from scripts.mnist.train import main


@pytest.mark.parametrize(("pixels", "scale"), [("raw", 1), ("scaled", 255)])
def test_pixels_are_scaled_for_training_and_for_the_test(digits, tmp_path, monkeypatch, pixels, scale):
    """The history alone, found again by the formulas as they are written."""
    images, labels = digits
    images, labels = images[:60], labels[:60]
    arrays = {"train_images": images, "train_labels": labels, "test_images": images[:20], "test_labels": labels[:20]}
    np.savez(tmp_path / "data.npz", **arrays)
    options = f"--seed 3 --hidden 6 5 --learning-rate 0.1 --epochs 1 --pixels {pixels}"
    files = f"--data {tmp_path / 'data.npz'} --history {tmp_path / 'new' / 'h.csv'}"
    monkeypatch.setattr(sys, "argv", f"train {options} {files}".split())
    main()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["h.csv"]
    x, y = images.reshape(60, -1) / scale, one_hot(labels)
    p = initial([784, 6, 5, 10], 3)
    for i in range(60):
        descend(p, backward(p, x[i : i + 1], y[i : i + 1]), 0.1)
    last = (tmp_path / "new/h.csv").read_text().splitlines()[-1].split(",")
    assert float(last[1]) == pytest.approx(loss(forward(p, x[:20]).y_hat, y[:20]))

"""The compiled kernel against numpy."""

import numpy as np
import pytest

from scripts.mnist import kernel
from scripts.mnist.ensembles import WRONG
from scripts.mnist.network import (
    Parameters,
    as_rows,
    forward,
    initial,
    loss,
    one_hot,
)
from scripts.mnist.procedures import start
from scripts.mnist.train import train_epoch


def gap(one: Parameters, other: Parameters) -> float:
    """Return the largest difference, relative to the largest entry of the parameter it is in."""
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(one, other, strict=True))


def by_numpy(images, labels, seed: int, rate: float, p: Parameters | None = None) -> Parameters:
    p = p or initial([784, 32, 32, 10], seed)
    train_epoch(p, as_rows(images), one_hot(labels), rate)
    return p


def by_kernel(images, labels, seed: int, how: kernel.Procedure, p: Parameters | None = None) -> Parameters:
    p = p or initial([784, 32, 32, 10], seed)
    kernel.train(p, kernel.pixels(images), labels, np.arange(len(images)), how)
    return p


def test_kernel_agrees_with_numpy_over_the_first_images(digits):
    images, labels = (part[:30] for part in digits)
    plain, compiled = by_numpy(images, labels, 80085, 0.003), by_kernel(images, labels, 80085, kernel.Procedure(0.003))
    assert gap(compiled, plain) < 1e-12
    for name in WRONG:  # and no wrong procedure comes near
        p, order, how = start(name, 1, images, [784, 32, 32, 10], 80085, 0.003)
        kernel.train(p, kernel.pixels(images), labels, order, how)
        assert gap(p, plain) > 1e-6, name


def hits(p: Parameters, images: np.ndarray, labels: np.ndarray) -> int:
    return int((forward(p, as_rows(images)).y_hat.argmax(axis=1) == labels).sum())


def test_kernel_judges_like_numpy(digits):
    images, labels = digits
    p = initial([784, 32, 32, 10], 3)
    correct, mean_loss = kernel.judge(p, kernel.pixels(images), labels, kernel.Procedure(0.003))
    assert correct == hits(p, images, labels)
    assert mean_loss == pytest.approx(loss(forward(p, as_rows(images)).y_hat, one_hot(labels)), rel=1e-12)


def rank_sum_p(one: list[float], other: list[float]) -> float:
    from scipy import stats

    return float(stats.mannwhitneyu(one, other).pvalue)


def test_ensembles_of_kernel_and_numpy_cannot_be_told_apart(digits):
    """Final losses of 20 runs each, from seeds of their own; a wrong procedure's can be."""
    images, labels = digits
    x, y = as_rows(images), one_hot(labels)

    def final(p: Parameters) -> float:
        return loss(forward(p, x).y_hat, y)

    plain = [final(by_numpy(images, labels, seed, 0.003)) for seed in range(20)]
    compiled = [final(by_kernel(images, labels, seed, kernel.Procedure(0.003))) for seed in range(100, 120)]
    wrong = [final(by_kernel(images, labels, seed, kernel.Procedure(0.03))) for seed in range(100, 120)]
    assert rank_sum_p(plain, compiled) > 0.01
    assert rank_sum_p(plain, wrong) < 0.01

"""The compiled kernel against numpy."""

from itertools import pairwise

import numpy as np
import pytest
from numba import njit

from scripts.mnist import kernel
from scripts.mnist.blocks import BLOCK, blocks
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

WIDTHS = [[784, 32, 32, 10], [784, 3, 2, 10], [784, 5, 7, 10], [784, 40, 33, 10], [784, 64, 70, 10]]
SCALED = kernel.Procedure(0.003, pixel_scale=1 / 255)


def gap(one: Parameters, other: Parameters) -> float:
    """Return the largest difference, relative to the largest entry of the parameter it is in."""
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(one, other, strict=True))


def random_parameters(widths: list[int], seed: int) -> Parameters:
    """Return weights and biases of the size that training gives them; few hidden units are saturated."""
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [rng.normal(0, 1 / n_in**0.5, (n_in, n_out)), rng.normal(0, 0.1, (1, n_out))]
    return Parameters(*layers)


def by_numpy(images, labels, seed: int, rate: float, p: Parameters | None = None) -> Parameters:
    p = p or initial([784, 32, 32, 10], seed)
    train_epoch(p, as_rows(images), one_hot(labels), rate)
    return p


def by_kernel(images, labels, seed: int, how: kernel.Procedure, p: Parameters | None = None) -> Parameters:
    p = p or initial([784, 32, 32, 10], seed)
    kernel.train(p, blocks(images), labels, how)
    return p


def step_by_definition(p: Parameters, image: np.ndarray, label: int, how: kernel.Procedure) -> None:
    """Take one step, in place, written once more from the meaning of each field of the procedure."""
    x = image.reshape(1, -1) * how.pixel_scale
    z1, z2, y_hat = forward(p, x)
    du3 = how.output_error_sign * (y_hat - one_hot(np.array([label])))
    if how.squared_error:
        du3 = du3 @ (np.diag(y_hat[0]) - np.outer(y_hat, y_hat))
    slope = (lambda z: z * (1 - z)) if how.sigmoid_derivative else np.ones_like
    du2 = (du3 @ p.W3.T) * slope(z2)
    du1 = (du2 @ p.W2.T) * slope(z1)
    rate = how.learning_rate * how.rate_factor
    for W, b, z, du in ((p.W1, p.b1, x, du1), (p.W2, p.b2, z1, du2), (p.W3, p.b3, z2, du3)):
        W -= rate * z.T @ du
        if how.biases_move:
            b -= rate * du


@pytest.mark.parametrize("changes", [{}, *(changes for _, changes in WRONG.values() if changes)], ids=str)
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_every_step_is_the_one_described(digits, widths, changes):
    """Three steps within a block, from a random state; scaled pixels, else most hidden units are saturated."""
    images, labels = (part[:3] for part in digits)
    how = SCALED._replace(**changes)
    p = random_parameters(widths, 1)
    q = Parameters(*(w.copy() for w in p))
    kernel.train(p, blocks(images), labels, how)
    for image, label in zip(images, labels, strict=True):
        step_by_definition(q, image, label, how)
    assert gap(p, q) < 1e-12


@pytest.mark.parametrize("n", [1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_blocks_change_nothing_but_rounding(digits, n):
    """Sample by sample, in blocks, and by numpy; one image has no pixels at all."""
    images, labels = digits[0][:n].copy(), digits[1][:n]
    images[n // 2] = 0
    whole, single, plain = (random_parameters([784, 32, 32, 10], 2) for _ in range(3))
    kernel.train(whole, blocks(images), labels, SCALED)
    for i in range(n):
        kernel.train(single, blocks(images[i : i + 1]), labels[i : i + 1], SCALED)
        step_by_definition(plain, images[i], labels[i], SCALED)
    assert gap(whole, plain) < 1e-12
    assert gap(single, plain) < 1e-12


def test_kernel_agrees_with_numpy_over_the_first_images(digits):
    images, labels = (part[:30] for part in digits)
    plain, compiled = by_numpy(images, labels, 80085, 0.003), by_kernel(images, labels, 80085, kernel.Procedure(0.003))
    assert gap(compiled, plain) < 1e-12
    for name in WRONG:  # and no wrong procedure comes near
        p, order, how = start(name, 1, images, [784, 32, 32, 10], 80085, 0.003)
        kernel.train(p, blocks(images[order]), labels[order], how)
        assert gap(p, plain) > 1e-6, name


@pytest.mark.parametrize("offset", range(0, 64, 8))
def test_bits_do_not_depend_on_where_memory_lies(digits, offset):
    """The kernel copies what it is given; two trainings of one start are the same."""
    images, labels = digits
    p, q = random_parameters([784, 5, 7, 10], 3), random_parameters([784, 5, 7, 10], 3)
    memory = np.empty(p.W1.nbytes + 64, np.uint8)[offset:]
    q = q._replace(W1=np.ndarray(p.W1.shape, buffer=memory))
    q.W1[:] = p.W1
    for w in (p, q):
        kernel.train(w, blocks(images), labels, kernel.Procedure(0.003))
    assert [w.tobytes() for w in p] == [w.tobytes() for w in q]


@njit
def exp_of(x, out):
    kernel.store(out, 0, kernel.exp(kernel.load(x, 0)))


def test_exp():
    rng = np.random.default_rng(0)
    out = np.empty(kernel.LANES)
    for spread in (1e-9, 1.0, 30.0, 700.0):
        for _ in range(100):
            x = np.clip(rng.normal(0, spread, kernel.LANES), -700, 700)
            exp_of(x, out)
            np.testing.assert_allclose(out, np.exp(x), rtol=1e-15)
    x = np.resize([0.0, -0.0, -745.0, -800.0, -np.inf, np.nan], kernel.LANES)
    exp_of(x, out)
    assert out[:2].tolist() == [1, 1] and 0 < out[2] < 1e-320 and out[3:5].tolist() == [0, 0]
    assert np.isnan(out[5])
    for x in np.append(np.arange(720.0, 10_000.0), np.inf):
        exp_of(np.resize([x, -x - 30], kernel.LANES), out)
        assert out[:2].tolist() == [np.inf, 0], x


def test_impossible_classes_cost_infinitely_much(digits):
    images, labels = digits
    p = initial([784, 32, 32, 10], 3)
    p.b3[0, labels[0]] = -1e4
    correct, mean_loss = kernel.judge(p, blocks(images), labels, kernel.Procedure(0.003))
    assert mean_loss == np.inf
    assert correct == hits(p, images, labels)


def hits(p: Parameters, images: np.ndarray, labels: np.ndarray) -> int:
    return int((forward(p, as_rows(images)).y_hat.argmax(axis=1) == labels).sum())


def test_kernel_judges_like_numpy(digits):
    images, labels = digits
    p = initial([784, 32, 32, 10], 3)
    correct, mean_loss = kernel.judge(p, blocks(images), labels, kernel.Procedure(0.003))
    assert correct == hits(p, images, labels)
    assert mean_loss == pytest.approx(loss(forward(p, as_rows(images)).y_hat, one_hot(labels)), rel=1e-12)


@pytest.mark.parametrize("c", range(10))
def test_the_largest_bias_decides(digits, c):
    images, labels = digits
    p = initial([784, 32, 32, 10], 3)
    p.b3[0, c] += 100
    correct, mean_loss = kernel.judge(p, blocks(images), labels, kernel.Procedure(0.003))
    assert 0 < correct == (labels == c).sum()
    expected = loss(forward(p, as_rows(images)).y_hat, one_hot(labels))
    assert mean_loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("more", [1000, -1000])
def test_softmax_neither_overflows_nor_vanishes(digits, more):
    images, labels = digits
    p = initial([784, 32, 32, 10], 3)
    p.b3[:] += more
    correct, mean_loss = kernel.judge(p, blocks(images), labels, kernel.Procedure(0.003))
    assert correct == hits(p, images, labels)
    assert mean_loss == pytest.approx(loss(forward(p, as_rows(images)).y_hat, one_hot(labels)), rel=1e-12)


def test_what_is_not_a_number_stays_with_its_images(digits):
    """Only image 0 uses a pixel whose weight is nan; image 1, its pair, has 0 there, which times nan is nan too."""
    images, labels = digits[0].copy(), digits[1]
    images[:, 0, 0] = 0
    images[0, 0, 0] = 1
    p = initial([784, 32, 32, 10], 3)
    p.b3[0, 4] = 1.0  # not the class that argmax takes among nan
    expected = hits(p, images[2:], labels[2:])
    p.W1[0, 3] = np.nan
    correct, mean_loss = kernel.judge(p, blocks(images), labels, kernel.Procedure(0.003))
    assert correct - (labels[:2] == 0).sum() == expected != (labels[2:] == 0).sum()
    assert np.isnan(mean_loss)


def test_what_compiled_code_would_not_notice_is_refused(digits):
    images, labels = digits[0][:3], digits[1][:3]
    x, p = blocks(images), initial([784, 5, 7, 10], 1)
    for wrong in (labels[:2], np.append(labels, 0), [0, 1, 10], [0, 1, -1]):
        for step in (kernel.train, kernel.judge):
            with pytest.raises(ValueError, match="3 images need as many labels, from 0 to 9"):
                step(p, x, wrong, SCALED)
    with pytest.raises(ValueError, match="33 classes"):
        kernel.train(initial([784, 5, 7, 33], 1), x, labels, SCALED)
    images = images.copy()
    images[2, -1, -1] = 1
    with pytest.raises(ValueError, match="more pixels than the 783"):
        kernel.train(initial([783, 5, 7, 10], 1), blocks(images), labels, SCALED)
    with pytest.raises(ValueError, match="clip is 20"):
        kernel.train(p, x, labels, SCALED._replace(clip=20.0))


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

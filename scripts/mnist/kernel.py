"""The training of `scripts.mnist.network` once more, compiled, for the many replicas.

Same formulas, same order of samples; only pixels that are not zero are visited, since a zero pixel adds nothing to u1
and its weights get no gradient. A Procedure says what a replica does differently from the source's description; it also
carries the constants of other files, which compiled code would keep when they are edited.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from scripts.mnist.network import CLIP, Parameters


class Procedure(NamedTuple):
    """A training procedure; the defaults are the described one's, learning rate apart."""

    learning_rate: float
    rate_factor: float = 1.0
    pixel_scale: float = 1.0  # factor on the raw pixels
    sigmoid_derivative: bool = True  # False: the factor σ′(u) is forgotten
    biases_move: bool = True  # False: the biases are never updated
    output_error_sign: float = 1.0  # −1: ŷ − y has the wrong sign
    squared_error: bool = False  # True: du3 of ½‖ŷ − y‖² instead of cross-entropy
    clip: float = CLIP  # of the sigmoid's inputs


class Pixels(NamedTuple):
    """The non-zero pixels of n images, one image after the other (compressed sparse rows)."""

    start: np.ndarray  # (n + 1,) int64: image i has the entries start[i] … start[i + 1]
    index: np.ndarray  # (entries,) int32: which pixel
    value: np.ndarray  # (entries,) float64: 0–255


def pixels(images: np.ndarray) -> Pixels:
    """Compress uint8 images (n, height, width)."""
    flat = images.reshape(len(images), -1)
    row, column = np.nonzero(flat)
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(flat)))]).astype(np.int64)
    return Pixels(start, column.astype(np.int32), flat[row, column].astype(np.float64))


@njit(cache=True)
def _forward(p, x, i, how, z1, z2, y_hat):  # pragma: no cover - compiled
    for j in range(z1.size):
        z1[j] = p.b1[0, j]
    for e in range(x.start[i], x.start[i + 1]):
        value, row = x.value[e] * how.pixel_scale, x.index[e]
        for j in range(z1.size):
            z1[j] += value * p.W1[row, j]
    for j in range(z1.size):
        z1[j] = 1 / (1 + np.exp(-min(max(z1[j], -how.clip), how.clip)))
    for j in range(z2.size):
        z2[j] = p.b2[0, j]
    for k in range(z1.size):
        for j in range(z2.size):
            z2[j] += z1[k] * p.W2[k, j]
    for j in range(z2.size):
        z2[j] = 1 / (1 + np.exp(-min(max(z2[j], -how.clip), how.clip)))
    for j in range(y_hat.size):
        y_hat[j] = p.b3[0, j]
    for k in range(z2.size):
        for j in range(y_hat.size):
            y_hat[j] += z2[k] * p.W3[k, j]
    top, total = y_hat.max(), 0.0
    for j in range(y_hat.size):
        y_hat[j] = np.exp(y_hat[j] - top)
        total += y_hat[j]
    for j in range(y_hat.size):
        y_hat[j] /= total


@njit(cache=True)
def train(p: Parameters, x: Pixels, labels: np.ndarray, order: np.ndarray, how: Procedure) -> None:  # pragma: no cover
    """Take one step, in place, per image of `order` (indices into x and labels)."""
    z1, z2, y_hat = np.empty(p.b1.size), np.empty(p.b2.size), np.empty(p.b3.size)
    du1, du2, du3 = np.empty(p.b1.size), np.empty(p.b2.size), np.empty(p.b3.size)
    rate = how.learning_rate * how.rate_factor
    for i in order:
        _forward(p, x, i, how, z1, z2, y_hat)
        for j in range(du3.size):
            du3[j] = how.output_error_sign * (y_hat[j] - (1.0 if j == labels[i] else 0.0))
        if how.squared_error:
            inner = 0.0
            for j in range(du3.size):
                inner += y_hat[j] * du3[j]
            for j in range(du3.size):
                du3[j] = y_hat[j] * (du3[j] - inner)
        for k in range(du2.size):
            total = 0.0
            for j in range(du3.size):
                total += du3[j] * p.W3[k, j]
            du2[k] = total * (z2[k] * (1 - z2[k]) if how.sigmoid_derivative else 1.0)
        for k in range(du1.size):
            total = 0.0
            for j in range(du2.size):
                total += du2[j] * p.W2[k, j]
            du1[k] = total * (z1[k] * (1 - z1[k]) if how.sigmoid_derivative else 1.0)
        for e in range(x.start[i], x.start[i + 1]):
            step, row = rate * x.value[e] * how.pixel_scale, x.index[e]
            for j in range(du1.size):
                p.W1[row, j] -= step * du1[j]
        for k in range(z1.size):
            for j in range(du2.size):
                p.W2[k, j] -= rate * z1[k] * du2[j]
        for k in range(z2.size):
            for j in range(du3.size):
                p.W3[k, j] -= rate * z2[k] * du3[j]
        if how.biases_move:
            for j in range(du1.size):
                p.b1[0, j] -= rate * du1[j]
            for j in range(du2.size):
                p.b2[0, j] -= rate * du2[j]
            for j in range(du3.size):
                p.b3[0, j] -= rate * du3[j]


@njit(cache=True)
def judge(p: Parameters, x: Pixels, labels: np.ndarray, how: Procedure):  # pragma: no cover - compiled
    """Return (number classified right, mean cross-entropy in nats) over all images of x."""
    z1, z2, y_hat = np.empty(p.b1.size), np.empty(p.b2.size), np.empty(p.b3.size)
    correct, loss = 0, 0.0
    for i in range(labels.size):
        _forward(p, x, i, how, z1, z2, y_hat)
        correct += np.argmax(y_hat) == labels[i]
        loss -= np.log(y_hat[labels[i]])
    return correct, loss / labels.size

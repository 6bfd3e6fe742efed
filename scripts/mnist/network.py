"""The network in numpy alone: initial weights, forward pass and hand-written backward pass.

784 pixels → two sigmoid hidden layers → ten softmax outputs, in float64. Everything is a row vector, so the
same forward pass takes one sample (1, 784) or a whole set (n, 784):

    u1 = x W1 + b1     z1 = σ(u1)          du3 = ŷ − y              dW3 = z2ᵀ du3
    u2 = z1 W2 + b2    z2 = σ(u2)          du2 = (du3 W3ᵀ) ∘ σ′(u2)  dW2 = z1ᵀ du2
    u3 = z2 W3 + b3    ŷ  = softmax(u3)    du1 = (du2 W2ᵀ) ∘ σ′(u1)  dW1 = xᵀ du1      db = du in each layer

where du is the gradient of the cross-entropy of one sample with respect to u, and σ′(u) = z (1 − z).
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

CLIP = 500.0  # beyond it exp() would overflow; σ is 0 or 1 there to the last digit


class Parameters(NamedTuple):
    """Weights W (n_in, n_out) and biases b (1, n_out) of the three layers; also holds gradients of those shapes."""

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    W3: np.ndarray
    b3: np.ndarray


class Activations(NamedTuple):
    """What the forward pass leaves behind for the backward pass, a row per sample."""

    z1: np.ndarray
    z2: np.ndarray
    y_hat: np.ndarray


def initial(widths: list[int], seed: int) -> Parameters:
    """Draw weights from N(0, variance 1 / max(n_in, n_out)), layer by layer in one call each; biases are zero.

    `widths` are the four layer widths, input first.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [rng.normal(0, np.sqrt(1 / max(n_in, n_out)), (n_in, n_out)), np.zeros((1, n_out))]
    return Parameters(*layers)


def sigmoid(u: np.ndarray) -> np.ndarray:
    """Return σ(u) = 1 / (1 + exp(−u)) for an array of any shape, without overflow."""
    return 1 / (1 + np.exp(-np.clip(u, -CLIP, CLIP)))


def softmax(u: np.ndarray) -> np.ndarray:
    """Normalise each row of u (n, k) to probabilities; subtracting the row's maximum keeps exp() finite."""
    e = np.exp(u - u.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(p: Parameters, x: np.ndarray) -> Activations:
    """Run samples x (n, n_in) through the network."""
    z1 = sigmoid(x @ p.W1 + p.b1)
    z2 = sigmoid(z1 @ p.W2 + p.b2)
    return Activations(z1, z2, softmax(z2 @ p.W3 + p.b3))


def loss(y_hat: np.ndarray, y: np.ndarray) -> float:
    """Mean cross-entropy in nats of probabilities ŷ (n, k) against one-hot rows y (n, k)."""
    return float(-np.log((y_hat * y).sum(axis=1)).mean())


def backward(p: Parameters, x: np.ndarray, y: np.ndarray) -> Parameters:
    """Return the gradients of the cross-entropy of one sample x (1, n_in) with one-hot label y (1, k)."""
    z1, z2, y_hat = forward(p, x)
    du3 = y_hat - y
    du2 = (du3 @ p.W3.T) * z2 * (1 - z2)
    du1 = (du2 @ p.W2.T) * z1 * (1 - z1)
    return Parameters(W1=x.T @ du1, b1=du1, W2=z1.T @ du2, b2=du2, W3=z2.T @ du3, b3=du3)


def descend(p: Parameters, gradients: Parameters, learning_rate: float) -> None:
    """Take one step of gradient descent, in place, once all gradients are known."""
    for parameter, gradient in zip(p, gradients, strict=True):
        parameter -= learning_rate * gradient


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """Turn labels (n,) into rows (n, classes) of float64."""
    return np.eye(classes)[labels]


def as_rows(images: np.ndarray) -> np.ndarray:
    """Flatten uint8 images (n, height, width) to float64 rows, pixels raw from 0 to 255."""
    return images.reshape(len(images), -1).astype(np.float64)

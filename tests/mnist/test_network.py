"""The hand-written network: initial weights, gradients, stability."""

import numpy as np
import pytest
import torch

from scripts.mnist.network import (
    Parameters,
    backward,
    descend,
    forward,
    initial,
    loss,
    one_hot,
    sigmoid,
    softmax,
)

WIDTHS = [12, 7, 6, 10]


def sample(seed: int = 0) -> tuple[Parameters, np.ndarray, np.ndarray]:
    """A small network with biases, an input row and its one-hot label."""
    rng = np.random.default_rng(seed)
    p = Parameters(*(value + 0.3 * rng.normal(size=value.shape) for value in initial(WIDTHS, seed)))
    return p, rng.normal(size=(1, WIDTHS[0])), one_hot(rng.integers(0, 10, 1))


def central_differences(p: Parameters, x: np.ndarray, y: np.ndarray, h: float = 1e-5) -> Parameters:
    """Differentiate the loss numerically in every parameter, to fourth order in h."""
    gradients = Parameters(*(np.zeros_like(value) for value in p))
    for value, gradient in zip(p, gradients, strict=True):
        for index in np.ndindex(value.shape):
            kept, losses = value[index], {}
            for step in (-2, -1, 1, 2):
                value[index] = kept + step * h
                losses[step] = loss(forward(p, x).y_hat, y)
            value[index] = kept
            gradient[index] = (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * h)
    return gradients


def autograd(p: Parameters, x: np.ndarray, y: np.ndarray) -> Parameters:
    """Differentiate the same loss by PyTorch, in float64."""
    tensors = Parameters(*(torch.tensor(value, requires_grad=True) for value in p))
    z1 = torch.sigmoid(torch.from_numpy(x) @ tensors.W1 + tensors.b1)
    z2 = torch.sigmoid(z1 @ tensors.W2 + tensors.b2)
    torch.nn.functional.cross_entropy(z2 @ tensors.W3 + tensors.b3, torch.from_numpy(y)).backward()
    return Parameters(*(tensor.grad.numpy() for tensor in tensors))


def gap(one: Parameters, other: Parameters) -> float:
    """Return the largest difference, relative to the largest entry of the parameter it is in."""
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_right(seed):
    p, x, y = sample(seed)
    assert gap(backward(p, x, y), central_differences(p, x, y)) < 1e-7
    assert gap(backward(p, x, y), autograd(p, x, y)) < 1e-12


def wrong_gradients(p: Parameters, x: np.ndarray, y: np.ndarray) -> dict[str, Parameters]:
    """Return gradients with one mistake each."""
    z1, z2, y_hat = forward(p, x)
    right = backward(p, x, y)
    no_derivative = (right.b3 @ p.W3.T) * z2
    return {
        "wrong sign": Parameters(*(-g for g in right)),
        "half": Parameters(*(g / 2 for g in right)),
        "output error of the wrong sign": right._replace(b3=y - y_hat),
        "s' taken as s": right._replace(b2=no_derivative, W2=z1.T @ no_derivative),
        "s' forgotten": right._replace(b1=right.b2 @ p.W2.T),
        "weights for activations": right._replace(W3=p.W3),
        "another layer's input": right._replace(W2=np.resize(x, (1, z1.size)).T @ right.b2),
        "a bias without gradient": right._replace(b3=np.zeros_like(right.b3)),
    }


@pytest.mark.parametrize("mistake", wrong_gradients(*sample()))
def test_a_wrong_gradient_is_caught(mistake):
    p, x, y = sample()
    wrong = wrong_gradients(p, x, y)[mistake]
    assert gap(wrong, central_differences(p, x, y)) > 1e-3
    assert gap(wrong, autograd(p, x, y)) > 1e-3


def test_initial_weights_are_the_printed_ones():
    """numpy's generator, seeded with 80085, draws what the problem set prints."""
    p = initial([784, 32, 32, 10], 80085)
    printed = {
        "W1": [-0.00826663, 0.01740251, -0.01155122],
        "W2": [0.20411041, 0.16573658, -0.01178314],
        "W3": [0.06667852, -0.12305605, 0.1886475],
    }
    for name, row in printed.items():
        np.testing.assert_array_equal(np.round(getattr(p, name)[0, :3], 8), row)
    assert [value.shape for value in p] == [(784, 32), (1, 32), (32, 32), (1, 32), (32, 10), (1, 10)]
    assert all((bias == 0).all() for bias in (p.b1, p.b2, p.b3))


def test_extreme_inputs_stay_finite():
    u = np.array([[-1e300, -600.0, 0.0, 600.0, 1e300]])
    with np.errstate(over="raise", invalid="raise"):
        s, y = sigmoid(u), softmax(u)
    assert ((s >= 0) & (s <= 1)).all()
    assert s[0, 2] == 0.5
    assert y.sum() == 1.0


def test_loss_and_step():
    y_hat, y = np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert loss(y_hat, y) == pytest.approx(-(np.log(0.5) + np.log(0.9)) / 2, rel=1e-15)
    p, x, label = sample()
    before, gradients = Parameters(*(value.copy() for value in p)), backward(p, x, label)
    descend(p, gradients, 0.1)
    for new, old, gradient in zip(p, before, gradients, strict=True):
        np.testing.assert_array_equal(new, old - 0.1 * gradient)

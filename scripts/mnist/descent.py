"""The training of `scripts.mnist.network` sample by sample: the same numbers to the last bit, in a third of the time.

The products and sums are those of `backward` and `descend`, in the same order. Left out is only what changes no bit:

- the rows of W1 whose pixel is zero, some 630 of 784 in a digit: their gradient is zero;
- one side of the sigmoid's clip: beside 1, exp(−500) does not show, and what is smaller neither;
- new arrays: each is made once, and numpy writes what it computes into it.

A layer is one array [W; b] here, and its inputs end with a 1: then db = du is the last row of dW.
"""

import numpy as np

from scripts.mnist.network import CLIP, Parameters

PROGRESS = 10_000  # images between two lines of progress


def train_epoch(p: Parameters, x: np.ndarray, y: np.ndarray, learning_rate: float, name: str = "") -> None:
    """Take one step, in place, per sample of x (n, n_in), of any dtype, with one-hot labels y (n, k), in order.

    As long as nothing overflows, `descend(p, backward(p, x[i : i + 1], y[i : i + 1]), learning_rate)` for each i.
    """
    layers = [np.vstack(layer) for layer in zip(p[::2], p[1::2], strict=True)]
    (W1, b1), (W2, b2), (W3, b3) = [(layer[:-1], layer[-1]) for layer in layers]
    inputs = [np.ones((len(layer), 1)) for layer in layers]
    a, z1, z2 = [column[:-1, 0] for column in inputs]
    u1, u2, u3 = [np.empty_like(layer[-1]) for layer in layers]
    errors = [np.empty_like(layer[-1:]) for layer in layers]
    du1, du2, du3 = [row[0] for row in errors]
    gradients = [np.empty_like(layer) for layer in layers]
    # Numbers as arrays, which numpy would make of them at each call.
    rate, one, clip = np.array(learning_rate), np.array(1.0), np.array(CLIP)

    def sigmoid(u: np.ndarray, z: np.ndarray) -> None:
        np.minimum(np.negative(u, u), clip, out=u)
        np.reciprocal(np.add(np.exp(u, z), one, z), z)

    def times_slope(du: np.ndarray, z: np.ndarray, spare: np.ndarray) -> None:
        np.multiply(np.multiply(du, z, du), np.subtract(one, z, spare), du)

    def step(layer: np.ndarray, column: np.ndarray, error: np.ndarray, gradient: np.ndarray) -> None:
        np.subtract(layer, np.multiply(column.dot(error, gradient), rate, gradient), layer)

    moves = np.ones((len(x), len(layers[0])), bool)
    np.not_equal(x, 0, out=moves[:, :-1])
    chosen = np.empty_like(layers[0])  # the rows of the first layer that move, one after the other
    whole_row = f"V{chosen[0].nbytes}"  # a row as one element is copied many times faster
    all_rows, chosen_rows = layers[0].view(whole_row)[:, 0], chosen.view(whole_row)[:, 0]

    for i in range(len(x)):
        a[:] = x[i]
        sigmoid(np.add(a.dot(W1, u1), b1, u1), z1)
        sigmoid(np.add(z1.dot(W2, u2), b2, u2), z2)
        np.add(z2.dot(W3, u3), b3, u3)
        np.exp(np.subtract(u3, np.maximum.reduce(u3), u3), du3)
        np.subtract(np.divide(du3, np.add.reduce(du3), du3), y[i], du3)
        times_slope(W3.dot(du3, du2), z2, u2)
        times_slope(W2.dot(du2, du1), z1, u1)

        step(layers[2], inputs[2], errors[2], gradients[2])
        step(layers[1], inputs[1], errors[1], gradients[1])
        rows = moves[i].nonzero()[0]
        n = len(rows)
        all_rows.take(rows, out=chosen_rows[:n], mode="clip")  # other modes buffer the output
        step(chosen[:n], inputs[0].take(rows, axis=0), errors[0], gradients[0][:n])
        all_rows.put(rows, chosen_rows[:n])

        if name and (i + 1) % PROGRESS == 0:
            print(f"mnist: {name}, {i + 1} of {len(x)} images", flush=True)

    for value, trained in zip(p, (W1, b1, W2, b2, W3, b3), strict=True):
        value[:] = trained

"""What no training can do without: the matrix products of a Fashion-MNIST epoch and its test, and nothing else.

python -m tests.benchmarks.bare

One run, float32, batches of 64; by numpy and by PyTorch, of which the faster one is said. For one thread, set
OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1.
"""

import time
from collections.abc import Callable

import numpy as np
import torch

from tests.benchmarks.textbook import BATCH

BATCHES, TEST_BATCHES = 938, 157
WIDTHS = (784, 256, 128, 64, 10)
LIBRARIES = {"numpy": (np.matmul, np.asarray), "PyTorch": (torch.mm, torch.from_numpy)}


def products(multiply: Callable, array: Callable) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what makes the products of a forward pass of one batch, and what makes those of its backward pass."""
    rng = np.random.default_rng(0)
    layers = range(len(WIDTHS) - 1)
    values = [array(rng.random((BATCH, width), dtype=np.float32)) for width in WIDTHS]
    weights = [array(rng.random((WIDTHS[i], WIDTHS[i + 1]), dtype=np.float32) / WIDTHS[i]) for i in layers]
    gradients = [array(np.empty((WIDTHS[i], WIDTHS[i + 1]), np.float32)) for i in layers]

    def forward() -> None:
        for i in layers:
            multiply(values[i], weights[i], out=values[i + 1])

    def backward() -> None:
        for i in reversed(layers):
            multiply(values[i].T, values[i + 1], out=gradients[i])
            if i:  # nobody asks for the gradient of the images
                multiply(values[i + 1], weights[i].T, out=values[i])

    return forward, backward


def epoch(multiply: Callable, array: Callable) -> float:
    """Return the seconds of processor time that an epoch's products take."""
    forward, backward = products(multiply, array)
    start = time.process_time()
    for _ in range(BATCHES):
        forward()
        backward()
    for _ in range(TEST_BATCHES):
        forward()
    return time.process_time() - start


def main() -> None:
    seconds = {name: min(epoch(*library) for _ in range(3)) for name, library in LIBRARIES.items()}
    best = min(seconds, key=seconds.get)
    print(f"Fashion-MNIST products, by {best}: {seconds[best]:.4f} s")


if __name__ == "__main__":
    main()

"""The peer: both experiments as loops that JAX compiles as a whole, the fastest that one could pick instead.

python -m tests.benchmarks.jax_peer resources

The same work as `tests.benchmarks.textbook`, but that the last, short batch of a Fashion-MNIST epoch is left out.
Needs JAX, which is no dependency of the project: `uv pip install --target DIR jax`, and PYTHONPATH=DIR. Says what
processor time each epoch's training took, compilation and tests apart.
"""

import argparse
import math
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.benchmarks.textbook import BATCH, read

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    sys.exit("error: JAX is not installed; run uv pip install --target DIR jax, and set PYTHONPATH=DIR")


def cross_entropy(logits, labels):
    """Return the cross-entropy (nats) of logits (…, 10) and labels (…), one for each."""
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[..., None], -1)[..., 0]


def descend(parameters: list, gradient: list, rate: float) -> list:
    return [p - rate * g for p, g in zip(parameters, gradient, strict=True)]


def timed(name: str, train, *arguments):
    """Return what `train` returns, and say what processor time it took."""
    start = time.process_time()
    done = jax.block_until_ready(train(*arguments))
    print(f"{name} epoch: {time.process_time() - start:.4f} s", flush=True)
    return done


def fashion_mnist(folder: Path, epochs: int) -> None:
    """Train 784 → 256 → 128 → 64 → 10 in float32, a step per batch; in each epoch the test loss comes first."""
    jax.config.update("jax_enable_x64", False)
    (x, y), (x_test, y_test) = (
        (jnp.asarray(images.astype(np.float32) / 255), jnp.asarray(labels.astype(np.int32)))
        for images, labels in (read(folder, "train"), read(folder, "t10k"))
    )
    key, widths, parameters = jax.random.PRNGKey(0), [784, 256, 128, 64, 10], []
    for a, b in pairwise(widths):
        key, for_weights, for_biases = jax.random.split(key, 3)
        bound = 1 / math.sqrt(a)
        parameters.append(jax.random.uniform(for_weights, (a, b), jnp.float32, -bound, bound))
        parameters.append(jax.random.uniform(for_biases, (b,), jnp.float32, -bound, bound))

    def loss(p, x, y):
        for layer in range(4):
            x = x @ p[2 * layer] + p[2 * layer + 1]
            x = jax.nn.relu(x) if layer < 3 else x
        return cross_entropy(x, y).mean()

    def step(p, batch):
        value, gradient = jax.value_and_grad(loss)(p, x[batch], y[batch])
        return descend(p, gradient, 0.01), value

    def shuffled(key):
        return jax.random.permutation(key, len(y))[: len(y) // BATCH * BATCH].reshape(-1, BATCH)

    train = jax.jit(lambda p, order: jax.lax.scan(step, p, order)).lower(parameters, shuffled(key)).compile()
    test = jax.jit(loss)
    for _ in range(epochs):
        before = float(test(parameters, x_test, y_test))
        key, for_order = jax.random.split(key)
        parameters, losses = timed("Fashion-MNIST", train, parameters, jax.block_until_ready(shuffled(for_order)))
        print(f"test loss {before:.4f}, then training loss {float(losses.mean()):.4f}", flush=True)


def mnist(folder: Path, epochs: int) -> None:
    """Train 784 → 32 → 32 → 10 on raw pixels in float64, a step per image; tested first and after each epoch."""
    jax.config.update("jax_enable_x64", True)
    (x, y), (x_test, y_test) = (
        (jnp.asarray(images), jnp.asarray(labels.astype(np.int32)))
        for images, labels in (read(folder, "train"), read(folder, "t10k"))
    )
    rng, widths = np.random.default_rng(80085), [784, 32, 32, 10]
    parameters = [jnp.asarray(rng.normal(0, 1 / math.sqrt(max(a, b)), (a, b))) for a, b in pairwise(widths)]
    parameters += [jnp.zeros(width) for width in widths[1:]]

    def logits(p, x):
        return jax.nn.sigmoid(jax.nn.sigmoid(x.astype(jnp.float64) @ p[0] + p[3]) @ p[1] + p[4]) @ p[2] + p[5]

    def step(p, sample):
        gradient = jax.grad(lambda p: cross_entropy(logits(p, sample[0]), sample[1]))(p)
        return descend(p, gradient, 0.003), None

    @jax.jit
    def test(p):
        outputs = logits(p, x_test)
        return cross_entropy(outputs, y_test).mean(), (outputs.argmax(1) == y_test).sum()

    train = jax.jit(lambda p: jax.lax.scan(step, p, (x, y))[0]).lower(parameters).compile()
    for epoch in range(epochs + 1):
        if epoch:
            parameters = timed("MNIST", train, parameters)
        loss, correct = test(parameters)
        print(f"test loss {float(loss):.4f}, {int(correct)} right", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of fashion-mnist/ and mnist/")
    parser.add_argument("--fashion-mnist-epochs", type=int, default=25)
    parser.add_argument("--mnist-epochs", type=int, default=3)
    args = parser.parse_args()
    mnist(args.folder / "mnist", args.mnist_epochs)
    fashion_mnist(args.folder / "fashion-mnist", args.fashion_mnist_epochs)


if __name__ == "__main__":
    main()

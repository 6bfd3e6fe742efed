"""The yardstick: both experiments as one types them into a notebook, and nothing else.

python -m tests.benchmarks.textbook resources

Fashion-MNIST with torchvision and a DataLoader, MNIST with numpy, sample by sample. No replica, no verdict, no report.
The folder holds fashion-mnist/ and mnist/ with the official .gz files. Says what each experiment took.
"""

import argparse
import gzip
import math
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

BATCH = 64
CLIP = 500


def fashion_mnist(folder: Path, epochs: int) -> None:
    """Train the classifier; in each epoch the test loss (a sum, nats) comes first, then the training pass."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision.datasets import FashionMNIST
    from torchvision.transforms import ToTensor

    with tempfile.TemporaryDirectory() as root:
        raw = Path(root, "FashionMNIST", "raw")
        raw.mkdir(parents=True)
        for path in folder.glob("*.gz"):
            with gzip.open(path) as packed, open(raw / path.stem, "wb") as plain:
                shutil.copyfileobj(packed, plain)
        training, test = (FashionMNIST(root, train=train, transform=ToTensor()) for train in (True, False))
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    batches, test_batches = DataLoader(training, batch_size=BATCH, shuffle=True), DataLoader(test, batch_size=BATCH)
    for epoch in range(epochs):
        test_sum = sum(criterion(model(x), y).item() for x, y in test_batches)
        train_sum = 0.0
        for x, y in batches:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            train_sum += loss.item()
        print(f"epoch {epoch + 1}: test loss {test_sum:.2f}, then training loss {train_sum:.2f}", flush=True)


def read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 784) and labels (n,) of "train" or "t10k", as uint8."""
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784), np.frombuffer(labels, np.uint8, offset=8)


def sigmoid(u: np.ndarray) -> np.ndarray:
    u = np.clip(u, -CLIP, CLIP)
    return np.where(u >= 0, 1 / (1 + np.exp(-u)), np.exp(u) / (1 + np.exp(u)))


def one_hot(label: int) -> np.ndarray:
    vector = np.zeros(10)
    vector[label] = 1
    return vector


def mnist(folder: Path, epochs: int, samples: int | None) -> None:
    """Train 784 → 32 → 32 → 10 on raw pixels in float64, a step per image; tested first and after each epoch."""
    (images, labels), (test_images, test_labels) = read(folder, "train"), read(folder, "t10k")
    rng = np.random.default_rng(80085)
    widths = [784, 32, 32, 10]
    W = [rng.normal(0, 1 / math.sqrt(max(a, b)), (a, b)) for a, b in pairwise(widths)]
    b = [np.zeros((1, width)) for width in widths[1:]]
    rate = 0.003

    def forward(x: np.ndarray) -> tuple[np.ndarray, ...]:
        u1 = x.reshape(1, 784).dot(W[0]) + b[0]
        z1 = sigmoid(u1)
        u2 = z1.dot(W[1]) + b[1]
        z2 = sigmoid(u2)
        u3 = z2.dot(W[2]) + b[2]
        exponentials = np.exp(u3 - u3.max())
        return u1, z1, u2, z2, exponentials / exponentials.sum()

    def test() -> None:
        loss = correct = 0
        for x, y in zip(test_images, test_labels, strict=True):
            y_hat = forward(x)[-1]
            loss -= np.sum(one_hot(y) * np.log(y_hat))
            correct += y_hat.argmax() == y
        print(f"test loss {loss / len(test_labels):.4f}, {correct} right", flush=True)

    test()
    for _ in range(epochs):
        for x, y in zip(images[:samples], labels[:samples], strict=True):
            u1, z1, u2, z2, y_hat = forward(x)
            target = one_hot(y)
            _loss = -np.sum(target * np.log(y_hat))
            du3 = y_hat - target
            dW3 = z2.T.dot(du3)
            du2 = du3.dot(W[2].T) * (sigmoid(u2) * (1 - sigmoid(u2)))
            dW2 = z1.T.dot(du2)
            du1 = du2.dot(W[1].T) * (sigmoid(u1) * (1 - sigmoid(u1)))
            dW1 = x.reshape(1, 784).T.dot(du1)
            for i, (dW, du) in enumerate(((dW1, du1), (dW2, du2), (dW3, du3))):
                W[i] -= dW * rate
                b[i] -= du * rate
        test()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of fashion-mnist/ and mnist/")
    parser.add_argument("--fashion-mnist-epochs", type=int, default=25)
    parser.add_argument("--mnist-epochs", type=int, default=3)
    parser.add_argument("--samples", type=int, help="so many images of MNIST in an epoch; all, if not said")
    args = parser.parse_args()
    start = time.perf_counter()
    if args.fashion_mnist_epochs:
        fashion_mnist(args.folder / "fashion-mnist", args.fashion_mnist_epochs)
        print(f"Fashion-MNIST: {time.perf_counter() - start:.2f} s", flush=True)
    start = time.perf_counter()
    if args.mnist_epochs:
        mnist(args.folder / "mnist", args.mnist_epochs, args.samples)
        print(f"MNIST: {time.perf_counter() - start:.2f} s", flush=True)


if __name__ == "__main__":
    main()

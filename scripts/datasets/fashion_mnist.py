"""Read Fashion-MNIST with torchvision from the four official files into one NPZ, and count what it holds."""

import gzip
import shutil
import tempfile
from pathlib import Path

import numpy as np
from torchvision.datasets import FashionMNIST

from scripts.datasets.files import verified
from scripts.datasets.summary import step
from scripts.shared.step import run


def read(folder: str | Path) -> dict[str, np.ndarray]:
    """Return train_images (n, 28, 28), train_labels (n,), test_images, test_labels, all uint8, from the .gz files."""
    with tempfile.TemporaryDirectory() as root:
        # torchvision wants the files unpacked in a folder layout of its own.
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for name, path in verified(folder, "fashion-mnist").items():
            with gzip.open(path) as packed, open(raw / name.removesuffix(".gz"), "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        train, test = (FashionMNIST(root, train=part) for part in (True, False))
    return {
        "train_images": train.data.numpy(),
        "train_labels": train.targets.numpy().astype(np.uint8),
        "test_images": test.data.numpy(),
        "test_labels": test.targets.numpy().astype(np.uint8),
    }


if __name__ == "__main__":
    run(lambda: step(read, __doc__))

"""Read MNIST with TensorFlow's own reader from the four official files into one NPZ, and count what it holds.

The only module that imports TensorFlow.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its start-up notices would bury our own lines

import numpy as np
import tensorflow as tf

from scripts.datasets.files import verified
from scripts.datasets.summary import step
from scripts.shared.step import run

SIDE = 28
HEADER = {"images": 16, "labels": 8}  # bytes: a magic number, the count and, for images, both side lengths


def read(folder: str | Path) -> dict[str, np.ndarray]:
    """Return train_images (n, 28, 28), train_labels (n,), test_images, test_labels, all uint8, from the .gz files."""
    arrays = {}
    for name, path in verified(folder, "mnist").items():
        split, kind = name.removesuffix("-ubyte.gz").split("-")[:2]
        shape = (-1, SIDE, SIDE) if kind == "images" else (-1,)
        records = tf.data.FixedLengthRecordDataset(
            str(path),
            record_bytes=SIDE * SIDE if kind == "images" else 1,
            header_bytes=HEADER[kind],
            compression_type="GZIP",
        )
        raw = b"".join(records.batch(1000).map(tf.strings.reduce_join).as_numpy_iterator())
        arrays[f"{split.replace('t10k', 'test')}_{kind}"] = np.frombuffer(raw, np.uint8).reshape(shape)
    return arrays


if __name__ == "__main__":
    run(lambda: step(read, __doc__))

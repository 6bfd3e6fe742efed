"""Read the four official files of a dataset into one NPZ, and count what it holds.

The files are in IDX format: two zero bytes, 8 for uint8, the number of dimensions, their sizes as big-endian 32-bit
integers, then the values. The readers of torchvision and TensorFlow hand out the same arrays, as a test shows; only
to import them takes many times as long as to read the files.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np

from scripts.datasets.files import table, verified
from scripts.datasets.summary import summary
from scripts.shared.step import run, write_json, write_npz


def read(folder: str | Path, dataset: str) -> dict[str, np.ndarray]:
    """Return train_images (n, 28, 28), train_labels (n,), test_images, test_labels, all uint8, from the .gz files.

    Raises Failure if a file is not as pinned.
    """
    arrays = {}
    for name, content in verified(folder, dataset).items():
        part, kind, _ = name.split("-", 2)
        arrays[f"{part.replace('t10k', 'test')}_{kind}"] = idx(gzip.decompress(content))
    return arrays


def idx(content: bytes) -> np.ndarray:
    """Return the uint8 array that the content of an IDX file holds."""
    dimensions = content[3]
    sizes = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, choices=list(table()))
    parser.add_argument("--folder", required=True, help="folder with the four .gz files")
    parser.add_argument("--arrays", required=True, help="NPZ to write")
    parser.add_argument("--summary", required=True, help="JSON to write")
    args = parser.parse_args()
    arrays = read(args.folder, args.dataset)
    write_npz(args.arrays, **arrays)
    write_json(args.summary, summary(arrays))


if __name__ == "__main__":
    run(main)

"""What is read is what torchvision and TensorFlow read, the two that the problem set names, byte for byte."""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import FashionMNIST

from scripts.datasets.read import read
from scripts.shared.step import Failure

# SHA-256 of the official arrays: MNIST's as tf.keras.datasets.mnist.load_data() hands them out, Fashion-MNIST's as
# torchvision.datasets.FashionMNIST does.
OFFICIAL = {
    "mnist": {
        "train_images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "train_labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        "test_images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
        "test_labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    },
    "fashion-mnist": {
        "train_images": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "train_labels": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "test_images": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
        "test_labels": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    },
}


def by_torchvision(folder: Path, scratch: Path) -> dict[str, np.ndarray]:
    """Read Fashion-MNIST with torchvision, which wants the files unpacked in a folder layout of its own."""
    raw = scratch / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for path in folder.iterdir():
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    arrays = {}
    for part in ("train", "test"):
        images = FashionMNIST(scratch, train=part == "train")
        arrays[f"{part}_images"] = images.data.numpy()
        arrays[f"{part}_labels"] = images.targets.numpy().astype(np.uint8)
    return arrays


def by_tensorflow(folder: Path, scratch: Path) -> dict[str, np.ndarray]:
    """Read MNIST with TensorFlow's reader of records of fixed length behind a header."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tf = pytest.importorskip("tensorflow")
    arrays = {}
    for path in folder.iterdir():
        part, kind, _ = path.name.split("-", 2)
        shape, header = ((28, 28), 16) if kind == "images" else ((), 8)
        records = tf.data.FixedLengthRecordDataset(str(path), int(np.prod(shape)), header, compression_type="GZIP")
        values = [tf.io.decode_raw(record, tf.uint8).numpy() for record in records]
        arrays[f"{part.replace('t10k', 'test')}_{kind}"] = np.stack(values).reshape(-1, *shape)
    return arrays


@pytest.mark.parametrize(("dataset", "reader"), [("fashion-mnist", by_torchvision), ("mnist", by_tensorflow)])
def test_the_readers_that_the_problem_set_names_read_the_same(pinned, folder, tmp_path, dataset, reader):
    arrays, expected = read(folder / dataset, dataset), reader(folder / dataset, tmp_path / "scratch")
    assert set(arrays) == set(expected) == {"train_images", "train_labels", "test_images", "test_labels"}
    for name, array in arrays.items():
        assert array.dtype == np.uint8 and array.ndim == (3 if "images" in name else 1)
        np.testing.assert_array_equal(array, expected[name], strict=True)


@pytest.mark.real
@pytest.mark.parametrize("dataset", OFFICIAL)
def test_a_full_run_works_on_the_official_arrays(real_results, dataset):
    with np.load(real_results / f"datasets/{dataset}.npz") as arrays:
        assert {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()} == OFFICIAL[
            dataset
        ]


@pytest.mark.parametrize("dataset", ["fashion-mnist", "mnist"])
def test_the_files_are_checked_again(pinned, folder, dataset):
    path = folder / dataset / "train-labels-idx1-ubyte.gz"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(Failure, match=r"train-labels-idx1-ubyte\.gz has the wrong SHA-256; delete it and run again"):
        read(folder / dataset, dataset)

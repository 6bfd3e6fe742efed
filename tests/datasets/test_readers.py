"""What torchvision and TensorFlow read is what the files hold, byte for byte."""

import gzip

import numpy as np
import pytest
import torch
from torchvision.transforms import ToTensor

from scripts.datasets import fashion_mnist
from scripts.fashion_mnist.model import as_tensor
from scripts.shared.step import Failure


def reader(dataset: str):
    if dataset == "fashion-mnist":
        return fashion_mnist.read
    return pytest.importorskip("scripts.datasets.mnist").read  # imports TensorFlow, for seconds


@pytest.mark.parametrize("dataset", ["fashion-mnist", "mnist"])
def test_readers_hand_out_the_raw_arrays(pinned, folder, official_files, dataset):
    arrays = reader(dataset)(folder / dataset)
    assert sorted(arrays) == ["test_images", "test_labels", "train_images", "train_labels"]
    for name, array in arrays.items():
        part, kind = name.split("_")
        suffix = {"images": "images-idx3-ubyte.gz", "labels": "labels-idx1-ubyte.gz"}[kind]
        raw = gzip.decompress(official_files[dataset][f"{part.replace('test', 't10k')}-{suffix}"])
        sizes = [int.from_bytes(raw[at : at + 4], "big") for at in range(4, 4 + 4 * raw[3], 4)]
        assert array.dtype == np.uint8 and list(array.shape) == sizes
        assert array.tobytes() == raw[4 + 4 * len(sizes) :]


@pytest.mark.parametrize("dataset", ["fashion-mnist", "mnist"])
def test_readers_check_the_files_again(pinned, folder, dataset):
    path = folder / dataset / "train-labels-idx1-ubyte.gz"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(Failure, match=r"train-labels-idx1-ubyte\.gz has the wrong SHA-256; delete it and run again"):
        reader(dataset)(folder / dataset)


def test_scaling_is_torchvisions_to_tensor(pinned, folder):
    """Exactly, for every grey value, and for the images as torchvision's own dataset hands them out."""
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    images = fashion_mnist.read(folder / "fashion-mnist")["train_images"]
    for stack in (ramp, images):
        expected = torch.stack([ToTensor()(image[:, :, None]) for image in stack])
        ours = as_tensor(stack)
        assert ours.dtype == expected.dtype and ours.shape == expected.shape and torch.equal(ours, expected)
    assert ours.max() <= 1 and ours.min() >= 0

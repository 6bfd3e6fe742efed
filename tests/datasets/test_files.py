"""The pinned files."""

import pytest

from scripts.datasets.files import verified
from scripts.shared.step import Failure


def test_a_missing_file_is_named(pinned, folder):
    (folder / "mnist/t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(Failure, match=r"t10k-images-idx3-ubyte\.gz is missing"):
        verified(folder / "mnist", "mnist")

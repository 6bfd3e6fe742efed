"""Results to judge by, without the official data and without the workflow."""

from pathlib import Path

import numpy as np
import pytest
from stand_in import StandIn, stand_in

from scripts.shared.step import write_csv, write_json, write_npz


@pytest.fixture(scope="session")
def derived() -> StandIn:
    """The stand-in; what needs no data is the same there as anywhere."""
    return stand_in()


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """The stand-in as files."""
    root = tmp_path_factory.mktemp("results")
    for name in stand_in().names:
        content, path = stand_in()[name], root / name
        match path.suffix:
            case ".json":
                write_json(path, content)
            case ".csv":
                write_csv(path, content)
            case ".npz":
                write_npz(path, **{key: np.asarray(array) for key, array in content.items()})
    return root

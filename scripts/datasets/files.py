"""The eight pinned files: their sizes, digests and mirrors, and the check that a file is the right one."""

import hashlib
from functools import cache
from pathlib import Path

import yaml

from scripts.step import Failure


@cache
def table() -> dict:
    """Return dataset → {licence, mirrors, files: name → {bytes, sha256}}."""
    return yaml.safe_load(Path(__file__).with_name("sources.yaml").read_text(encoding="utf-8"))


def verify(path: str | Path, dataset: str, name: str) -> None:
    """Raise Failure unless `path` has the size and SHA-256 pinned for the file `name` of `dataset`."""
    pin = table()[dataset]["files"][name]
    size = Path(path).stat().st_size
    if size != pin["bytes"]:
        raise Failure(f"{path} has {size} bytes instead of {pin['bytes']}; delete it and run again")
    if hashlib.sha256(Path(path).read_bytes()).hexdigest() != pin["sha256"]:
        raise Failure(f"{path} has the wrong SHA-256; delete it and run again")


def verified(folder: str | Path, dataset: str) -> dict[str, Path]:
    """Return the paths of the four files of `dataset` in `folder` by name, each checked against its pin."""
    paths = {name: Path(folder) / name for name in table()[dataset]["files"]}
    for name, path in paths.items():
        verify(path, dataset, name)
    return paths

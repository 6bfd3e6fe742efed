"""The eight pinned files: their sizes, digests and mirrors, and the check that a file is the right one."""

import hashlib
from functools import cache
from pathlib import Path

import yaml

from scripts.shared.step import Failure


@cache
def table() -> dict:
    """Return dataset → {licence, mirrors, files: name → {bytes, sha256}}."""
    return yaml.safe_load(Path(__file__).with_name("sources.yaml").read_text(encoding="utf-8"))


def fault(path: str | Path, dataset: str, name: str) -> str:
    """Say what is wrong with the file at `path` if it is to be the file `name` of `dataset`; empty if nothing is."""
    pin, path = table()[dataset]["files"][name], Path(path)
    if not path.is_file():
        return "is missing"
    if (size := path.stat().st_size) != pin["bytes"]:
        return f"has {size} bytes instead of {pin['bytes']}"
    return "" if hashlib.sha256(path.read_bytes()).hexdigest() == pin["sha256"] else "has the wrong SHA-256"


def verified(folder: str | Path, dataset: str) -> dict[str, Path]:
    """Return the paths of the four files of `dataset` in `folder` by name; raise Failure if one is not as pinned."""
    paths = {name: Path(folder) / name for name in table()[dataset]["files"]}
    for name, path in paths.items():
        if wrong := fault(path, dataset, name):
            raise Failure(f"{path} {wrong}; delete it and run again")
    return paths

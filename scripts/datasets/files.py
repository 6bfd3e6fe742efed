"""The eight pinned files: their sizes, digests and mirrors, and the check that a file is the right one."""

import hashlib
from functools import cache
from pathlib import Path

import yaml

from scripts.shared.step import Failure, read_bytes, read_text


@cache
def table() -> dict:
    """Return dataset → {licence, mirrors, files: name → {bytes, sha256}}."""
    return yaml.safe_load(read_text(Path(__file__).with_name("sources.yaml")))


def fault(content: bytes, dataset: str, name: str) -> str:
    """Say what is wrong with some bytes if they are to be the file `name` of `dataset`; empty if nothing is."""
    pin = table()[dataset]["files"][name]
    if len(content) > pin["bytes"]:
        return f"has more than {pin['bytes']} bytes"
    if len(content) < pin["bytes"]:
        return f"has {len(content)} bytes instead of {pin['bytes']}"
    return "" if hashlib.sha256(content).hexdigest() == pin["sha256"] else "has the wrong SHA-256"


def verified(folder: str | Path, dataset: str) -> dict[str, bytes]:
    """Return the content of the four files of `dataset` in `folder` by name; raise Failure if one is not as pinned."""
    contents = {}
    for name in table()[dataset]["files"]:
        path = Path(folder) / name
        if not path.is_file():
            raise Failure(f"{path} is missing; run again")
        contents[name] = read_bytes(path)
        if wrong := fault(contents[name], dataset, name):
            raise Failure(f"{path} {wrong}; delete it and run again")
    return contents

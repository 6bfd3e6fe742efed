"""Look up computed figures by where they stand: "mnist/initial.json#first_rows.W1", "mnist/history.csv#0.correct".

A pointer names a file under results/ and, after #, keys and indices down to the figure; a CSV is a list of rows.
A "*" in it takes all elements of a list.
"""

import csv
import json
from pathlib import Path

import numpy as np

from scripts.step import Failure, read_json


class Results:
    """The files under results/, each read once. `used` collects those that were asked for."""

    def __init__(self, root: str | Path):
        self.root = Path(root)
        self.used: set[str] = set()
        self._files: dict[str, object] = {}

    def file(self, name: str) -> object:
        """Return a JSON file's content, a CSV's rows (strings that are numbers become numbers) or an NPZ's arrays."""
        self.used.add(name)
        if name not in self._files:
            path = self.root / name
            if not path.is_file():
                raise Failure(f"{path} is missing; run the workflow first")
            if path.suffix == ".json":
                self._files[name] = read_json(path)
            elif path.suffix == ".csv":
                with open(path, encoding="utf-8", newline="") as lines:
                    rows = [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(lines)]
                self._files[name] = rows
            else:
                with np.load(path) as arrays:
                    self._files[name] = dict(arrays)
        return self._files[name]

    def __getitem__(self, pointer: str) -> object:
        name, _, path = pointer.partition("#")
        try:
            return _follow(self.file(name), path.split(".") if path else [])
        except (KeyError, IndexError, TypeError) as error:
            raise KeyError(f"results/{name} has no {path}") from error

    def matching(self, pattern: str) -> list[str]:
        """Name the files that match a glob, those with numbers in their names in numeric order."""
        found = self.root.glob(pattern)
        return sorted((path.relative_to(self.root).as_posix() for path in found), key=lambda name: (len(name), name))


def _follow(content: object, keys: list[str]) -> object:
    for position, key in enumerate(keys):
        if key == "*":
            return [_follow(element, keys[position + 1 :]) for element in content]
        content = content[int(key)] if isinstance(content, list) else content[key]
    return content


def _number(text: str) -> object:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def plain(content: object) -> object:
    """Turn numpy scalars and arrays into what JSON knows."""
    return json.loads(json.dumps(content, default=lambda value: value.tolist()))

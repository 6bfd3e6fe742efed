"""Look up computed values by where they stand: "mnist/initial.json#first_rows.W1", "mnist/history.csv#0.correct".

A pointer names a file among a problem set's results and, after #, keys and indices down to the value; a CSV is a list
of rows.
An index with a colon takes all elements of a list from there on: "mnist/history.csv#1:.correct".
"""

import fnmatch
import json
from math import isfinite
from pathlib import Path

import numpy as np

from scripts.shared.step import Failure, read_csv, read_json, reading


class Absent(Failure):
    """What a pointer leads to is not there in these results, and may be in others: a run was too short, or came to no
    number. Its text is a sentence without its full stop."""


class Results:
    """The files of a folder of results, each read once. `used` collects the names of those that were asked for.

    files: only these of them are known, as paths from the root on or with it; else all that are there.
    """

    def __init__(self, root: str | Path, files: list[str] | None = None):
        self.root = Path(root)
        self.names = None if files is None else sorted({name.removeprefix(f"{root}/") for name in files})
        self._known = frozenset(self.names or ())
        self.used: set[str] = set()
        self._files: dict[str, object] = {}

    def file(self, name: str) -> object:
        """Return a JSON file's content, a CSV's rows (texts that are numbers become numbers) or an NPZ's arrays.

        Raises Failure for a file that was not declared, or that is not there.
        """
        self.used.add(name)
        if name not in self._files:
            path = self.root / name
            if self.names is not None and name not in self._known:
                raise Failure(f"{path} is asked for and not declared; add it to the rule's input (--files)")
            if not path.is_file():
                raise Failure(f"{path} is missing; run the workflow first")
            self._files[name] = self.read(path)
        return self._files[name]

    def read(self, path: Path) -> object:
        """Return the content of one file."""
        if path.suffix == ".json":
            return read_json(path)
        if path.suffix == ".csv":
            return [{key: _number(value) for key, value in row.items()} for row in read_csv(path)]
        with reading(path), np.load(path) as arrays:
            return dict(arrays)

    def __getitem__(self, pointer: str) -> object:
        name, _, path = pointer.partition("#")
        try:
            return _follow(self.file(name), path.split(".") if path else [])
        except IndexError as error:
            raise Absent(f"Of what was run there is no {name}#{path}") from error
        except (KeyError, TypeError) as error:
            raise Failure(f"{self.root / name} has no {path}; correct what points to it") from error

    def known(self, pointer: str) -> object:
        """Return the value or values at a pointer; raise Absent if nothing stands there, or what is no number."""
        value = self[pointer]
        if not all(map(_known, value if isinstance(value, list) else [value])):
            raise Absent(f"What was run came to no number at {pointer}")
        return value

    def matching(self, pattern: str) -> list[str]:
        """Name the files that match a glob, those with numbers in their names in numeric order."""
        names = self.names
        if names is None:
            names = [path.relative_to(self.root).as_posix() for path in self.root.glob(pattern) if path.name[0] != "."]
        return sorted(fnmatch.filter(names, pattern), key=lambda name: (len(name), name))


def _follow(content: object, keys: list[str]) -> object:
    for position, key in enumerate(keys):
        if key.endswith(":"):
            return [_follow(element, keys[position + 1 :]) for element in content[int(key[:-1]) :]]
        content = content[int(key)] if isinstance(content, (list, np.ndarray)) else content[key]
    return content


def _known(value: object) -> bool:
    match value:
        case None:
            return False
        case str():
            return value != ""
        case float():
            return isfinite(value)
    return True


def _number(text: str) -> object:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def plain(content: object) -> object:
    """Turn numpy scalars and arrays into what JSON knows; ValueError for what is no number."""
    return json.loads(json.dumps(content, default=lambda value: value.tolist(), allow_nan=False))

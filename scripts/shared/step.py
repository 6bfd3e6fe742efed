"""What every step shares: one-line errors, and files that appear whole or not at all."""

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Failure(Exception):
    """Something a person can put right. Its text says what is wrong, where, and what to do, on one line."""


def run(main: Callable[[], None]) -> None:
    """Run a step's main(); a Failure ends it with exit status 1 and its one line instead of a traceback."""
    try:
        main()
    except Failure as failure:
        sys.exit(f"error: {failure}")


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Hand out a temporary path beside `path`; on success it becomes `path` in one move, on failure it vanishes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, content: object) -> None:
    """Write plain JSON: sorted keys, floats in full (repr) precision, NaN refused (ValueError).

    A line for each key, and for each entry of a list under it; what is deeper stands on one line, many times faster.
    """

    def encoded(value: object) -> str:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)

    def lines(value: object) -> str:
        listed = isinstance(value, list) and value
        return "[\n  " + ",\n  ".join(map(encoded, value)) + "\n ]" if listed else encoded(value)

    if isinstance(content, dict) and content:
        parts = (f" {encoded(str(key))}: {lines(value)}" for key, value in sorted(content.items()))
        text = "{\n" + ",\n".join(parts) + "\n}"
    else:
        text = encoded(content)
    write_text(path, text + "\n")


def read_json(path: str | Path) -> dict:
    """Return the content of a JSON file of our own making."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_csv(path: str | Path, rows: list[dict]) -> None:
    """Write rows that have the same keys; floats in full (repr) precision, None as nothing.

    As pandas does, but to import pandas takes as long as many a step.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_npz(path: str | Path, **arrays) -> None:
    """Write numpy arrays as an uncompressed NPZ without time stamps: same arrays, same bytes.

    In numpy's own, headers differ between releases of Python.
    """
    from zipfile import ZipFile, ZipInfo

    import numpy as np

    with whole(path) as part, ZipFile(part, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asanyarray(array), allow_pickle=False)
            archive.writestr(ZipInfo(f"{name}.npy"), content.getbuffer())

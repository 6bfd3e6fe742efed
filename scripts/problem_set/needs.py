"""Which results a claim's verdict reads: they follow from its kind and from the pointers among its parameters.

A pointer "mnist/history.csv#0.count" names a file under results/<set>/ and, after #, keys down to a value; strings
such as "count of mnist/history.csv#0.count" hold one too. A * in the file stands for what varies, such as replicas.
"""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from scripts.shared.schema import near
from scripts.shared.step import Failure

FORMULA_KINDS = ("derivative", "minimiser", "identity")
FILE_PARAMETERS = ("points", "network")  # of the kinds that scripts.relu computes for
WORDS = (
    "about",
    "source",
    "question",
    "why",
    "means",
    "corrected",
    "says",
    "also",
    "beside",
    "note",
    "objective_latex",
)
POINTER = re.compile(r"(?<!\S)(?P<file>[\w./*-]+\.(?:json|csv|npz))(?:#(?P<path>.*))?$")  # a key may hold spaces


def pointers(spec: Mapping) -> Iterator[tuple[str, str, str]]:
    """Yield (the parameter that holds it, the file, the keys) of every pointer in a claim's parameters."""
    for key, value in spec.items():
        if key not in WORDS:
            yield from ((key, file, path) for file, path in _found(value))


def _found(value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield from ((found["file"], found["path"] or "") for found in POINTER.finditer(value))
        case Mapping():
            for key, part in value.items():
                if key not in WORDS:
                    yield from _found(part)
        case list():
            for part in value:
                yield from _found(part)


def patterns(spec: Mapping) -> list[str]:
    """Return the result files, as globs under results/<set>/, that the verdict on a claim reads."""
    if spec["kind"] in FORMULA_KINDS:
        return [f"derivations/{spec['item']}.json"]
    computed = [f"relu/{PurePosixPath(spec[key]).stem}.json" for key in FILE_PARAMETERS if key in spec]
    return list(dict.fromkeys([*computed, *(file for _, file, _ in pointers(spec))]))


def files(specs: Iterable[Mapping], outputs: Iterable[str]) -> list[str]:
    """Return which of the `outputs`, all that steps make under results/<set>/, the verdicts on some claims read.

    Raises Failure for what nothing makes.
    """
    outputs, asked, found = list(outputs), {}, {}
    for spec in specs:
        for pattern in patterns(spec):
            asked.setdefault(pattern, spec)
    for pattern, spec in asked.items():  # each once: there may be tens of thousands of outputs
        matching = fnmatch.filter(outputs, pattern)
        if not matching:
            where = f"items/{spec['item']}.yaml, claims.{spec['id']}"
            raise Failure(f"{where}: nothing makes {pattern}; {near(pattern, outputs)}")
        found |= dict.fromkeys(matching)
    return list(found)

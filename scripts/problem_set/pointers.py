"""Hold the pointers and parts of claims against what steps make, before anything runs.

Each subject that makes results says in its results.yaml what its files hold: file pattern → a mapping of keys ("*": any
key), a list with one entry that stands for all, or nothing, for a value. A CSV is a list of rows, an NPZ a mapping.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from math import inf
from pathlib import Path, PurePosixPath

import yaml

from scripts.datasets.files import table
from scripts.problem_set.needs import FILE_PARAMETERS, POINTER, pointers
from scripts.shared.schema import near, printable
from scripts.shared.step import read_text

SUBJECTS = Path(__file__).resolve().parents[1]
FORM = "number, exact, count, count of POINTER, share, range or label in POINTER"
FORMS = re.compile(r"number|exact|count|count of \S+|share|range|label in \S+")
OF_MINIMISERS = ("strictly_convex", "completes_the_square", "curvature")  # keys that other derivations lack
VALUE, VALUES, LIST, ROWS = (0, 0), (0, 1), (1, 1), (2, 2)  # the least and the most lists that may lie in each other
NETWORK = ["w_h", "b_h", "w_o", "b_o"]
PARTS = {  # of answers, where the kind says them (of an agreement its rule, of a pass which one)
    "sample": ["number", "label", "predicted", "probabilities"],
    "ratio": ["correct", "count", "accuracy"],
    "matches": ["predicted", "labels", "agreeing", "count"],
    "fit": NETWORK,
    "backward": NETWORK,
    "forward": ["pre_activations", "activations", "f"],
}


@cache
def held() -> dict[str, object]:
    """Return what result files hold, by their patterns."""
    tables = (yaml.safe_load(read_text(path)) for path in sorted(SUBJECTS.glob("*/results.yaml")))
    return {str(pattern): content for table in tables for pattern, content in table.items()}


def pointer_faults(problem_set) -> list[str]:
    """Return a line for each pointer, part and pattern of words in a problem set that cannot be right."""
    made = _made(problem_set)
    found = [
        f"{problem_set.folder}/items/{spec['item']}.yaml, claims.{spec['id']}.{fault}"
        for spec in problem_set.claims.values()
        for fault in (*_pointers(spec, made, problem_set), *_forms(spec, made), *_parts(spec, made), *_words(spec))
    ]
    return list(dict.fromkeys(found))


def _made(problem_set) -> dict[str, object]:
    """Return what the result files of this set hold, by their names or patterns."""
    made: dict[str, object] = {}
    for pattern, content in held().items():
        room = pattern.partition("/")[0]
        if room == "datasets":  # of the experiments by their names
            for name in (name.replace("_", "-") for name in problem_set.experiments):
                if name in table():
                    made[pattern.replace("*", name)] = content
        elif room == "derivations":
            every = content["*"]
            for item in problem_set.derived:
                made[f"derivations/{item}.json"] = {
                    name: {key: part for key, part in every.items() if minimiser or key not in OF_MINIMISERS}
                    for name, spec in problem_set.formulas.items()
                    for minimiser in [spec["kind"] == "minimiser"]
                    if spec["item"] == item
                }
        elif room == "relu":
            for spec in problem_set.claims.values():
                for key in FILE_PARAMETERS:
                    if key in spec and f"{{{key}}}" in pattern:
                        made[pattern.replace(f"{{{key}}}", PurePosixPath(spec[key]).stem)] = content
        elif room in problem_set.experiments:
            made[pattern] = content
    return made


def _pointers(spec: Mapping, made: dict[str, object], problem_set) -> Iterator[str]:
    for key, file, path in pointers(spec):
        content = content_of(file, made)
        if content is None:
            room = file.partition("/")[0]
            if room in _experiments() and room not in problem_set.experiments:
                yield f"{key}: {file} belongs to the experiment {room}, which set.yaml does not use"
            else:
                yield f"{key}: nothing makes {printable(file)}; {near(file, made)}"
        elif fault := missing(content[0], path):
            only = " (it is no minimiser)" if any(key in path.split(".") for key in OF_MINIMISERS) else ""
            yield f"{key}: {file} has {fault}{only}"


def _places(spec: Mapping) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Yield (the parameter, what stands there, what it may lead to) for all that has to be a pointer, tables apart."""
    computed = spec.get("computed", {})
    parts = computed.items() if isinstance(computed, Mapping) else [("", computed)]
    yield from ((f"computed.{part}".rstrip("."), text, VALUES) for part, text in parts)
    for key, wanted in {"data": LIST, "names": LIST, "chaos": VALUE, "count": VALUE}.items():
        if key in spec:
            yield key, spec[key], wanted
    ensemble = spec.get("ensemble", {})
    yield from ((f"ensemble.out_of.{part}", text, VALUE) for part, text in ensemble.get("out_of", {}).items())
    if "arrays" in ensemble:
        yield "ensemble.arrays", ensemble["arrays"], ROWS
    for place, test in enumerate(spec.get("tests", ())):
        yield f"tests.{place}.value", test["value"], VALUE
        if isinstance(test["bound"], str):
            yield f"tests.{place}.bound", test["bound"], VALUE
    form = spec.get("form", "")
    for part, text in form.items() if isinstance(form, Mapping) else [("", form)]:
        for words, wanted in {"count of ": VALUE, "label in ": LIST}.items():
            if text.startswith(words):
                yield f"form.{part}".rstrip("."), text.removeprefix(words), wanted


def _forms(spec: Mapping, made: dict[str, object]) -> Iterator[str]:
    """Find what stands where a pointer belongs and is none, or leads to something of another shape."""
    for place, text, (least, most) in _places(spec):
        if not (found := POINTER.fullmatch(text)):
            none = "is neither a number nor a pointer" if place.endswith("bound") else "is no pointer"
            yield f"{place}: {printable(text)} {none}; write file#key.key, as mnist/history.csv#0.count"
            continue
        file, path = found["file"], found["path"] or ""
        content = content_of(file, made)
        if content and not missing(content[0], path) and not least <= depth(content[0], path) <= most:
            wanted = {VALUE: "a value", VALUES: "a value or a list of values", LIST: "a list of values"}
            told = wanted.get((least, most), "a list of lists of values")
            yield f"{place}: {printable(text)} does not lead to {told}; go on with keys behind #, down to one"
    if table := spec.get("ensemble", {}).get("table"):
        found = POINTER.fullmatch(table)
        content = found and content_of(found["file"], made)
        if not found or found["path"] or (content and not _is_table(content[0])):
            yield f"ensemble.table: {printable(table)} is no table; write the file alone, as mnist/replicas/ulp/*.csv"


def _is_table(content: object) -> bool:
    return isinstance(content, list) and bool(content) and isinstance(content[0], dict)


def depth(content: object, path: str) -> float:
    """Return how many lists lie in each other where a path leads: none for a value, infinitely many for an object."""
    slices = 0
    for key in path.split(".") if path else []:
        if isinstance(content, list):
            slices += key.endswith(":")
            content = content[0] if content else None
        else:
            content = content.get(key, content.get("*"))
    while isinstance(content, list):
        slices, content = slices + 1, content[0] if content else None
    return inf if isinstance(content, dict) else slices


def _experiments() -> set[str]:
    return {pattern.partition("/")[0] for pattern in held()} - {"datasets", "derivations", "relu"}


def content_of(file: str, made: dict[str, object]) -> tuple[object] | None:
    """Return (what a result file holds,), or None if nothing makes it."""
    return next(((content,) for pattern, content in made.items() if fnmatchcase(file, pattern)), None)


def missing(content: object, path: str) -> str:
    """Say which key of a pointer's path is not there; nothing if all are."""
    for key in path.split(".") if path else []:
        if isinstance(content, list):
            if not re.fullmatch(r"\d+:?", key):
                return f"a list, of which {printable(key)} is no place; write a number, from 0"
            content = content[0] if content else None
        elif isinstance(content, dict):
            if key not in content and "*" not in content:
                return f"no {printable(key)}; {near(key, map(str, content))}"
            content = content.get(key, content.get("*"))
        else:
            return f"no {printable(key)}: what stands there is a value"
    return ""


def answer_parts(spec: Mapping) -> list[str]:
    """Return the parts that a claim's answer has, by name; one without a name if it is a single thing."""
    named = spec.get("rule") or (spec["part"] if spec["kind"] == "pass" else spec["kind"])
    computed = spec.get("computed")
    own = spec.get("parts") or (list(computed) if isinstance(computed, dict) else [""])
    return PARTS.get(named, own)


def _parts(spec: Mapping, made: dict[str, object]) -> Iterator[str]:
    """Find parts, columns and forms that do not fit each other."""
    parts = answer_parts(spec)
    ensemble = spec.get("ensemble", {})
    known = [*ensemble.get("columns", {}), *ensemble.get("agreeing", {})]
    if spec["kind"] == "distribution" and known != spec["parts"]:
        yield f"parts: give those of the ensemble in its order, {', '.join(known) or 'of which it has none'}"
    for part in ensemble.get("out_of", {}):
        if part not in known:
            yield f"ensemble.out_of: the ensemble has no part {part}; {near(part, known)}"
    if table := ensemble.get("table"):
        content = content_of(table, made)
        rows = content[0] if content else None
        columns = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        named = [ensemble.get("replica"), ensemble.get("row"), *ensemble.get("columns", {}).values()]
        named += [column for pair in ensemble.get("agreeing", {}).values() for column in pair]
        for column in filter(None, named):
            if columns and column not in columns:
                yield f"ensemble: {table} has no column {printable(column)}; {near(column, columns)}"
    form = spec.get("form", "number")
    for part, text in form.items() if isinstance(form, dict) else [("", form)]:
        if isinstance(form, dict) and part not in parts:
            yield f"form: the answer has no part {part}; {near(part, parts)}"
        if not FORMS.fullmatch(text):
            yield f"form: {printable(text)} is none; write {FORM}"
    for key, others in (("also", [""]), ("specified", [])):
        for part in spec.get(key, {}):
            if part not in (*parts, *others):
                yield f"{key}: the answer has no part {part}; {near(part, parts)}"


def _words(spec: Mapping) -> Iterator[str]:
    """Find patterns of words that are none, and places in a correction that nothing fills."""
    for side, pattern in spec.get("says", {}).items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"says.{side}: it is no regular expression: {error}"
    if "corrected" in spec:
        try:
            spec["corrected"].format(*("0" for _ in spec["tests"]))
        except (IndexError, KeyError, ValueError):
            yield "corrected: braces hold the number of a test, from 0, as in {0}"

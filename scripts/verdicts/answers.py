"""Read files of stated answers, which anybody may have written: bounded, held to the schema, and run by nothing.

Every scalar of the YAML is taken as the text it is, so that figures keep their printed digits with or without quotes.
"""

import re
from pathlib import Path

import yaml

from scripts.schema import checked, printable
from scripts.step import Failure

LARGEST = 200_000  # bytes of a file
DEEPEST = 8  # levels of lists and mappings
MOST = 20_000  # YAML events, about one per scalar
STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TAKEN = "overview"  # what results/verdicts/overview.json is called


def answer_files(given: str | list[str]) -> dict[str, str]:
    """Return set name → file for one file, several, or a folder, whose *.yaml files count; a set is called as its file.

    Raises Failure if there is no file, or if two sets would have the same name.
    """
    files: dict[str, str] = {}
    for name in [given] if isinstance(given, str) else given:
        folder = Path(name).is_dir()
        found = sorted(path.as_posix() for path in Path(name).glob("*.yaml")) if folder else [name]
        if not found:
            raise Failure(f"{name} holds no *.yaml file; put answers there, or name another folder under 'answers'")
        for file in found:
            stem = Path(file).stem
            if not Path(file).is_file():
                raise Failure(f"{file}: there is no such file; correct the name of the answers")
            if stem in files:
                raise Failure(f"{files[stem]} and {file} would both be called {stem}; rename one")
            if not STEM.fullmatch(stem) or stem == TAKEN:
                rule = "use letters, digits, '.', '_' and '-', and not 'overview'"
                raise Failure(f"{printable(file)} cannot name a set of answers; {rule}")
            files[stem] = file
    return files


def read_all(files: dict[str, str], known: dict[str, dict]) -> dict[str, dict]:
    """Read every set before any is judged; raise one Failure that describes the first bad file and counts the rest."""
    sets, failures = {}, []
    for name, file in files.items():
        try:
            sets[name] = read_answers(file, known)
        except Failure as failure:
            failures.append(str(failure))
    if failures:
        more = f" ({len(failures) - 1} more of {len(files)} sets cannot be read either)" if len(failures) > 1 else ""
        raise Failure(failures[0] + more)
    return sets


def read_answers(path: str | Path, known: dict[str, dict]) -> dict:
    """Return {name, claims}; raise Failure for anything that is no set of answers to the `known` claims."""
    answers = checked(_content(Path(path)), "answers", str(path))
    seen: set[str] = set()
    for claim in answers["claims"]:
        name = claim["id"]
        if name in seen:
            raise Failure(f"{path}: claim {name} stands there twice; keep one")
        seen.add(name)
        if name not in known:
            raise Failure(
                f"{path}: no checker knows a claim {printable(name)}; the claims are those of answers/document.yaml"
            )
        for key in ("question", "kind"):
            if claim.get(key, known[name][key]) != known[name][key]:
                raise Failure(f"{path}: claim {name} has {key} {claim[key]} instead of {known[name][key]}")
    return answers


def _content(path: Path) -> object:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Failure(f"{path} has {size} bytes, more than {LARGEST}; a set of answers is far smaller")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read as text: {error}") from None
    try:
        _bound(text, path)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise Failure(f"{path}{where} is no YAML: {printable(problem)}") from None


def _bound(text: str, path: Path) -> None:
    """Refuse what lets a small file grow or nest without bound, from the parser's events, before anything is built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
        where = f"{path}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise Failure(f"{where} uses a YAML alias, which answers may not; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Failure(f"{where} nests lists or mappings more than {DEEPEST} deep; answers are flatter")
        if count > MOST:
            raise Failure(f"{where} comes after more than {MOST} values; a set of answers is far smaller")


class _Loader(yaml.CBaseLoader):
    """Builds lists, mappings and text, nothing else; a key is text and stands in its mapping once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[str] = set()
        for key, _ in node.value:
            text = key.value if isinstance(key, yaml.ScalarNode) else None
            if text is None or text in seen:
                problem = "a key has to be text" if text is None else f"key {text!r} stands there twice"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
            seen.add(text)
        return super().construct_mapping(node, deep)

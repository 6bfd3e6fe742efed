"""Read a file of stated answers, which anybody may have written: bounded, without aliases, held to the schema."""

from pathlib import Path

import yaml

from scripts.schema import checked
from scripts.step import Failure

LARGEST = 200_000  # bytes


def read_answers(path: str | Path, known: dict[str, dict]) -> dict:
    """Return {name, claims}; raise Failure for anything that is no set of answers to the `known` claims."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Failure(f"{path} has {size} bytes, more than {LARGEST}; a set of answers is far smaller")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read as text: {error}") from None
    try:
        # Aliases are how a small YAML file grows without bound.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise Failure(f"{path} uses YAML aliases, which answers may not; write the value out")
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Failure(f"{path}{where} is no YAML: {getattr(error, 'problem', None) or error}") from None
    answers = checked(content, "answers", str(path))
    seen: set[str] = set()
    for claim in answers["claims"]:
        name = claim["id"]
        if name in seen:
            raise Failure(f"{path}: claim {name} stands there twice; keep one")
        seen.add(name)
        if name not in known:
            raise Failure(f"{path}: no checker knows a claim {name}; the claims are those of answers/document.yaml")
        for key in ("question", "kind"):
            if claim.get(key, known[name][key]) != known[name][key]:
                raise Failure(f"{path}: claim {name} has {key} {claim[key]} instead of {known[name][key]}")
    return answers

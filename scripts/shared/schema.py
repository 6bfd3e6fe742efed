"""Check configuration and answers against a JSON schema: defaults filled in, one line per mistake."""

import difflib
import unicodedata
from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from scripts.shared.step import Failure

SCHEMAS = Path(__file__).resolve().parents[2] / "workflow" / "schemas"


@cache
def read_schema(name: str) -> dict:
    return yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"))


def checked(content: object, schema_name: str, where: str) -> dict:
    """Return `content` with the schema's defaults filled in; raise Failure naming the first mistake and its place."""
    schema = read_schema(schema_name)
    content = _with_defaults(deepcopy(content if content is not None else {}), schema)
    error = best_match(Draft202012Validator(schema).iter_errors(content))
    if error is not None:
        place = printable(".".join(str(part) for part in error.absolute_path)) or "top level"
        raise Failure(f"{where}, {place}: {_in_words(error)}")
    return content


def _with_defaults(content: object, schema: dict) -> object:
    if isinstance(content, dict):
        for key, part in schema.get("properties", {}).items():
            if key not in content and "default" in part:
                content[key] = deepcopy(part["default"])
            if key in content:
                content[key] = _with_defaults(content[key], part)
    return content


def _in_words(error) -> str:
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        unknown = next(str(key) for key in error.instance if key not in known)
        close = difflib.get_close_matches(unknown, known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
        return f"unknown key '{printable(unknown)}'; {hint}"
    message = error.message if len(error.message) <= 160 else error.message[:160] + " …"
    meaning = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    return f"{message}; expected: {meaning}" if meaning else message


def visible(text: str) -> str:
    """Return foreign text with what cannot be seen, or turns the text around it about, made visible: ⟨U+202E⟩."""
    if text.replace("\n", "").isprintable():
        return text
    hidden = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return "".join(f"⟨U+{ord(c):04X}⟩" if c not in "\n\t" and unicodedata.category(c) in hidden else c for c in text)


def printable(text: str) -> str:
    """Return foreign text on one line, cut to a hundred characters, with nothing in it that moves a cursor."""
    shown = visible(" ".join(text[:100].split()))
    return f"{shown} …" if len(text) > 100 else shown

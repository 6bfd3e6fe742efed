"""Check configuration, problem sets and answers against JSON schemas: defaults filled in, one line per mistake.

Problem sets and answers are read with every scalar as the text that it is, so that "8.80", "no" and "1e3" stay what was
written, with quotes or without. Where a schema wants a number, such a text becomes one.
"""

import difflib
import re
import sys
import unicodedata
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match, relevance

from scripts.shared.step import Failure, read_text

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "workflow" / "schemas"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
EXACT = 2**53  # up to which every integer is a float
LONGEST = 400  # characters of a number
MOST = 30  # names in a hint
NOTHING = ("", "~", "null", "Null", "NULL")
# Infinity, NaN, and what is beyond all floats are no numbers here: they would pass any bounds.
KNOWN = Draft202012Validator.TYPE_CHECKER
TYPES = KNOWN.redefine_many(
    {
        kind: lambda _, value, kind=kind: KNOWN.is_type(value, kind) and abs(value) <= sys.float_info.max
        for kind in ("number", "integer")
    }
)
Validator = validators.extend(Draft202012Validator, type_checker=TYPES)
HINTS = {  # what to do about what people do who write YAML by hand, by words of the parser's complaint
    "mapping values are not allowed": "put text with a colon and a space in it in quotes",
    "alias": "put text that begins with * in quotes",
    "alphabetic or numeric": "put text that begins with * or & in quotes",
    "cannot start any token": "put text that begins with such a character in quotes, and indent by spaces",
    "did not find expected": "put text with , [ ] { } or : in it in quotes, and see that brackets match",
}


@cache
def read_schema(name: str) -> dict:
    """Return workflow/schemas/<name>.schema.yaml."""
    return yaml.load(read_text(SCHEMAS / f"{name}.schema.yaml"), Loader=yaml.CSafeLoader)


def default_set() -> str:
    """Return the folder of the problem set that config.yaml names, for commands that run without Snakemake."""
    return yaml.safe_load(read_text(ROOT / "config.yaml"))["problem_set"]


class Texts(yaml.CBaseLoader):
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


def read_texts(text: str, where: str | Path) -> object:
    """Return what a YAML text holds, scalars as text; `where` names it in the Failure for what is no YAML."""
    try:
        return yaml.load(text, Loader=Texts)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        hint = next((f"; {hint}" for words, hint in HINTS.items() if words in problem), "")
        raise Failure(f"{where}{line} is no YAML: {printable(problem)}{hint}") from None


def refuse_twice(path: str | Path) -> None:
    """Raise Failure if a configuration file is no YAML, or has a key twice, of which Snakemake would take the last."""
    read_texts(read_text(path), path)


def stated(content: object, schema: dict) -> object:
    """Return a configuration without the keys of the schema under which nothing stands: these are as if left out.

    What --config hands over are texts: nothing is "" there, or null as YAML writes it.
    """
    if not isinstance(content, dict):
        return content
    known = schema.get("properties", content if "additionalProperties" in schema else {})
    kept = {key: part for key, part in content.items() if key not in known or not is_nothing(part)}
    return {key: stated(part, schema.get("properties", {}).get(key, {})) for key, part in kept.items()}


def is_nothing(part: object) -> bool:
    """Tell whether nothing stands there, be it as YAML or as text."""
    return part is None or (isinstance(part, str) and part.strip() in NOTHING)


def checked(content: object, schema_name: str, where: str) -> dict:
    """Return `content` with the schema's defaults filled in; raise Failure naming the first mistake and its place.

    In a configuration, a key under which nothing stands is as if left out.
    """
    schema = read_schema(schema_name)
    content, faults = examined(stated(content, schema) if schema_name == "config" else content, schema, where)
    if faults:
        raise Failure(faults[0])
    return content


def examined(content: object, schema: dict, where: str, *place: str) -> tuple[object, list[str]]:
    """Return `content` with defaults filled in and numbers made of texts, and a line for each mistake, likeliest first.

    where, place: the file, and the keys under which `content` stands in it; they begin each line.
    """
    content = _filled(deepcopy(content if content is not None else {}), schema)
    errors = sorted(Validator(schema).iter_errors(content), key=relevance, reverse=True)
    return content, [_line(best_match([error]), where, place) for error in errors]


def _line(error: ValidationError, where: str, place: tuple[str, ...]) -> str:
    path = printable(".".join(str(part) for part in (*place, *error.absolute_path))) or "top level"
    return f"{where}, {path}: {_in_words(error)}"


def _filled(content: object, schema: dict) -> object:
    """Fill in defaults, and turn texts into numbers where the schema wants these."""
    choices = [schema, *schema.get("anyOf", ())]
    if isinstance(content, dict):
        for choice in choices:
            for key, part in choice.get("properties", {}).items():
                if key not in content and "default" in part:
                    content[key] = deepcopy(part["default"])
            for key in content:
                part = choice.get("properties", {}).get(key, choice.get("additionalProperties"))
                content[key] = _filled(content[key], part) if isinstance(part, dict) else content[key]
    elif isinstance(content, list):
        for choice in choices:
            content = [_filled(entry, choice["items"]) for entry in content] if "items" in choice else content
    return _number(content, {choice.get("type") for choice in choices})


def _number(content: object, wanted: set[str]) -> object:
    """Return a number, or a text that is one, in the one way in which a schema that wants it has it: 1e2 is 100."""
    if isinstance(content, str) and len(content) < LONGEST and NUMBER.fullmatch(content):
        if content.lstrip("+-").isdigit() and wanted & {"integer", "number"}:
            content = int(content)
        elif "number" in wanted or ("integer" in wanted and float(content).is_integer()):
            content = float(content)
    if isinstance(content, int) and not isinstance(content, bool) and "string" in wanted - {"number", "integer"}:
        return content if wanted & {"number", "integer"} else str(content)  # a folder may be called by a year
    if isinstance(content, float) and content.is_integer() and "integer" in wanted:
        return int(content)
    if isinstance(content, int) and not isinstance(content, bool) and wanted == {"number"} and abs(content) < EXACT:
        return float(content)
    return content


def _in_words(error: ValidationError) -> str:
    meaning = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        unknown = next(str(key) for key in error.instance if key not in known)
        return f"unknown key '{printable(unknown)}'; {near(unknown, known, 'known keys')}"
    if error.validator == "enum" and isinstance(error.instance, str):
        return f"unknown value '{printable(error.instance)}'; {near(error.instance, error.validator_value)}"
    if error.validator == "required":
        key = next(key for key in error.validator_value if error.message.startswith(repr(key)))
        about = error.schema.get("properties", {}).get(key, {}).get("description", "")
        return f"'{key}' is missing{f': {about}' if about else ''}"
    if error.instance == "":
        return f"nothing stands there{f'; expected: {meaning}' if meaning else ''}"
    message = error.message
    if isinstance(error.instance, float) and error.instance.is_integer():
        message = message.replace(repr(error.instance), str(int(error.instance)), 1)  # as most people write it
    message = message if len(message) <= 160 else message[:160] + " …"
    return f"{message}; expected: {meaning}" if meaning else message


def near(unknown: str, known: Iterable[str], label: str = "known are") -> str:
    """Return what a person who wrote `unknown` may have meant: "did you mean 'x'?", or all that is known."""
    known = list(known)
    if close := difflib.get_close_matches(unknown, known, n=1):
        return f"did you mean '{close[0]}'?"
    listed = ", ".join(known[:MOST]) + (" …" if len(known) > MOST else "")
    return f"{label}{'' if label.endswith('are') else ':'} {listed or 'none'}"


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

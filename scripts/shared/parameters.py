"""Write the README's table of parameters from the configuration's schema, between its two markers."""

import json
from pathlib import Path

from scripts.shared.schema import read_schema
from scripts.shared.step import Failure, run, write_text

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- parameters -->\n", "<!-- end of parameters -->"
BOUNDS = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}"}


def table(schema: dict) -> str:
    """Return a Markdown table with a row per parameter: dotted name, default, range, meaning."""
    rows = [("Parameter", "Default", "Range", "Meaning"), ("---",) * 4]
    rows += [
        (f"`{name}`", f"`{json.dumps(part.get('default'), ensure_ascii=False)}`", _range(part), part["description"])
        for name, part in leaves(schema)
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def leaves(schema: dict, prefix: str = "") -> list[tuple[str, dict]]:
    """Return (dotted name, its part of the schema) of every parameter that is no group of others."""
    found = []
    for name, part in schema["properties"].items():
        inner = leaves(part, f"{prefix}{name}.") if "properties" in part else [(f"{prefix}{name}", part)]
        found += inner
    return found


def _range(part: dict) -> str:
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    items = part.get("items", {}) if part.get("type") == "array" else part
    said = [BOUNDS[key].format(items[key]) for key in ("minimum", "exclusiveMinimum", "maximum") if key in items]
    return ", ".join(said)


def replaced(text: str, schema: dict) -> str:
    """Return the README's text with the table between the markers made anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise Failure(f"README.md: the markers {BEGIN.strip()} and {END} are missing; put them around the table")
    return before + begin + table(schema) + end + after


def main() -> None:
    write_text(README, replaced(README.read_text(encoding="utf-8"), read_schema("config")))


if __name__ == "__main__":
    run(main)

"""Write the README's tables of parameters and of kinds of claims, from the schemas, each between its two markers."""

import json
from collections.abc import Iterable
from pathlib import Path

from scripts.shared.schema import read_schema
from scripts.shared.step import Failure, run, write_text

README = Path(__file__).resolve().parents[2] / "README.md"
BOUNDS = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}"}
MANY = 3  # kinds that share a parameter: then it comes once, behind them


def parameters() -> str:
    """Return a Markdown table with a row per parameter of config.yaml: dotted name, default, range, meaning."""
    rows = [
        (f"`{name}`", f"`{json.dumps(part.get('default'), ensure_ascii=False)}`", _range(part), part["description"])
        for name, part in leaves(read_schema("config"))
    ]
    return _table(("Parameter", "Default", "Range", "Meaning"), rows)


def kinds() -> str:
    """Return a Markdown table with a row per kind of claims and per parameter; what a claim has to have is bold."""
    known = read_schema("item")["$defs"]
    users: dict[str, list[str]] = {}
    for kind, part in known.items():
        for name in part["properties"]:
            users.setdefault(name, []).append(kind)
    rows = []
    for kind, part in known.items():
        rows.append((f"**{kind}**", "", part["description"]))
        rows += _rows(part, (name for name in part["properties"] if len(users[name]) < MANY))
    for group in dict.fromkeys(tuple(kinds) for kinds in users.values() if len(kinds) >= MANY):
        names = [name for name in users if tuple(users[name]) == group]
        rows.append(("**every kind**" if len(group) == len(known) else f"**{', '.join(group)}**", "", ""))
        rows += _rows(known[group[0]], names)
    return _table(("Kind", "Parameter", "Meaning"), rows)


def _rows(part: dict, names: Iterable[str]) -> list[tuple[str, str, str]]:
    chosen = {"properties": {name: part["properties"][name] for name in names}}
    return [
        ("", f"**`{name}`**" if name in part["required"] else f"`{name}`", one["description"])
        for name, one in leaves(chosen)
    ]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


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


def replaced(text: str) -> str:
    """Return the README's text with its tables made anew; Failure if the markers around one are missing."""
    for name, table in {"parameters": parameters, "kinds": kinds}.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise Failure(f"README.md: the markers {begin.strip()} and {end} are missing; put them around the table")
        text = before + begin + table() + end + after
    return text


def main() -> None:
    write_text(README, replaced(README.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run(main)

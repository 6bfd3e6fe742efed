"""All that can be configured, by the schemas: so what is added to them later is tried as well."""

from copy import deepcopy
from itertools import combinations

from scripts.problem_set.read import read_set
from scripts.shared.schema import ROOT, default_set, read_schema


def parameters(config: dict) -> dict[str, tuple[object, dict]]:
    """Return all parameters of the schemas that hold a number, a choice or a list of numbers: what each is now, and its
    part of the schema."""
    found = {}
    for room, part in read_schema("config")["properties"].items():
        for key, one in part.get("properties", {}).items():
            found[f"{room}.{key}"] = config[room].get(key, one["default"]), one
    givens = read_schema("set")["properties"]["experiments"]["properties"]
    for experiment, source in read_set(ROOT / default_set()).experiments.items():
        for key, one in givens[experiment]["properties"].items():
            if one.get("type") != "string":
                found[f"what_if.{experiment}.{key}"] = config["what_if"][experiment].get(key, source[key]), one
    return found


def changed(config: dict, **values: object) -> dict:
    """Return the configuration with other values of parameters, by their dotted names."""
    config = deepcopy(config)
    for name, value in values.items():
        *rooms, key = name.split(".")
        place = config
        for room in rooms:
            place = place.setdefault(room, {})
        place[key] = value
    return config


def another(value: object, part: dict) -> object:
    """Return another legal value of a parameter."""
    if "enum" in part:
        return next(choice for choice in part["enum"] if choice != value)
    if part["type"] == "array":
        return [*value[:-1], value[-1] + 1]
    return value + 1 if value + 1 <= part.get("maximum", value + 1) else value / 2


def fits(value: object, part: dict) -> bool:
    """Tell whether a number is legal as another parameter."""
    if part.get("type") not in ("integer", "number") or not isinstance(value, int | float):
        return False
    whole = part["type"] == "number" or isinstance(value, int)
    return whole and part.get("minimum", value) <= value <= part.get("maximum", value)


def swaps(config: dict) -> list[tuple[str, str]]:
    """Return every two parameters that may have each other's value, which are not the same."""
    now = parameters(config)
    return [
        (one, other)
        for one, other in combinations(now, 2)
        if now[one][0] != now[other][0] and fits(now[one][0], now[other][1]) and fits(now[other][0], now[one][1])
    ]


def swapped(config: dict, one: str, other: str) -> dict:
    """Return the configuration with the values of two parameters exchanged."""
    now = parameters(config)
    return changed(config, **{one: now[other][0], other: now[one][0]})

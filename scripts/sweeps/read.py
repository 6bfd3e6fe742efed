"""Which values config.yaml sweeps over. What it does not name is as the experiment is run otherwise."""

from math import prod

from scripts.shared.schema import examined, is_nothing, read_schema
from scripts.shared.step import Failure
from scripts.shared.what_if import refuse_unused
from scripts.sweeps.runs import HYPERPARAMETERS, PIXELS

MOST = 10_000  # runs of one experiment


def schema(experiment: str) -> dict:
    """Return the schema of an experiment's part of `sweep`: lists of what a set or config.yaml may give it."""
    known = {"pixels": {"enum": ["raw", "scaled"]}}
    for parts in (read_schema("config")["properties"], read_schema("set")["properties"]["experiments"]["properties"]):
        known |= parts[experiment].get("properties", {}) if experiment in parts else {}
    lists = {
        key: {"type": "array", "minItems": 1, "uniqueItems": True, "items": known[key]}
        for key in HYPERPARAMETERS[experiment]
    }
    return {"type": "object", "additionalProperties": False, "properties": lists}


def swept(config: dict, settings: dict[str, dict]) -> dict[str, dict[str, list]]:
    """Return, by experiment that is swept, a list of values for each of its hyperparameters.

    config: checked; settings: what each experiment of the problem set is run with otherwise. A Failure says which part
    of the sweep means nothing.
    """
    found = {}
    for experiment, wanted in config["sweep"].items():
        refuse_unused("sweep", experiment, HYPERPARAMETERS, settings, "experiment with hyperparameters")
        lists = {
            key: _listed(key, value)
            for key, value in wanted.items()
            if not (key in HYPERPARAMETERS[experiment] and is_nothing(value))
        }
        lists, faults = examined(lists, schema(experiment), "configuration", "sweep", experiment)
        if faults:
            raise Failure(faults[0])
        given = settings[experiment] | {"pixels": PIXELS[experiment]}
        values = {key: lists.get(key, [given[key]]) for key in HYPERPARAMETERS[experiment]}
        if (runs := prod(map(len, values.values()))) > MOST:
            raise Failure(f"configuration, sweep.{experiment}: {runs} runs are more than {MOST}; list fewer values")
        if lists:
            found[experiment] = values
    return found


def _listed(key: str, value: object) -> object:
    """Take one value for a list of one; widths are a list themselves."""
    if key == "hidden":
        return value if isinstance(value, list) and any(isinstance(part, list) for part in value) else [value]
    return value if isinstance(value, list) else [value]

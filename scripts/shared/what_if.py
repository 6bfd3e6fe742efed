"""What experiments are run with: the source's givens, the config's knobs, and the what-ifs that override givens."""

from collections.abc import Iterable

from scripts.shared.schema import examined, is_nothing, near, printable, read_schema
from scripts.shared.step import Failure


def refuse_unused(part: str, name: object, known: Iterable[str], used: Iterable[str], what="experiment") -> None:
    """Raise Failure if a part of the config names an experiment that is not known, as `what`, or that the set lacks."""
    where = f"configuration, {part}: '{printable(str(name))}'"
    if name not in known:
        raise Failure(f"{where} is no {what}; {near(str(name), known)}")
    if name not in used:
        listed = ", ".join(used) or "none"
        raise Failure(f"{where} is no experiment of this problem set, which uses {listed}; leave it out")


def settled(experiments: dict[str, dict], config: dict) -> tuple[dict[str, dict], list[dict]]:
    """Return, by experiment that a set uses, all its settings, and a row {given, source, here} per given overridden.

    experiments: a set's, each with its givens; config: checked. A Failure says which what-if means nothing.
    """
    known = read_schema("set")["properties"]["experiments"]["properties"]
    settings, rows = {name: config.get(name, {}) | givens for name, givens in experiments.items()}, []
    for name in config["what_if"]:
        refuse_unused("what_if", name, known, experiments)
    for name in filter(config["what_if"].get, experiments):
        givens = experiments[name]
        changes = {
            key: here for key, here in config["what_if"][name].items() if key not in givens or not is_nothing(here)
        }
        here, faults = examined(givens | changes, known[name], "configuration", "what_if", name)
        if faults:
            raise Failure(faults[0])
        settings[name] |= here  # and numbers that came as texts, by --config, are numbers
        rows += [
            {"given": f"{name}.{key}", "source": givens[key], "here": here[key]}
            for key in givens  # not in the order of the config, on which no result depends
            if here[key] != givens[key]
        ]
    return settings, rows

"""Values that the described procedure fixes: equal in exact arithmetic, or to the printed digits.

Every part is asked for, and a list has as many entries as the computed one: more or fewer are another shape, which is
wrong, and so are several values in place of one, unless one of them is it. Where only the beginning of a list is asked
for, `least` says how many of its values have to show a digit. A list without its first and last entry is left to a
person if `excerpt` says so: who counts layers may mean the hidden ones.
spec: `computed`, pointers to the computed values in the shape of the answer; `form` of the parts (see `printed`).
`specified` names parts that the source gives for its experiment, by which the run was set up: to agree with them is "as
specified", no recomputation. With each may stand the pointer to what came of the run, which is held against it.
"""

import re
from collections.abc import Iterable

from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, REFUTED, SPECIFIED, Finding, Malformed, weakest
from scripts.verdicts.parts import InOrder, complete, in_words, parts, stated_of
from scripts.verdicts.printed import Form, Number, compare, forms, read, read_list, told
from scripts.verdicts.results import Results

SHOWN = 10  # entries of a corrected list


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Compare every part of an answer with its computed value; one that is wrong refutes the whole."""
    computed = resolve(spec["computed"], results)
    truth = computed if isinstance(computed, dict) else {"": computed}
    known = forms(spec.get("form", "number"), truth, results, spec)
    least = spec.get("least")
    numbers: dict[str, Number | list[Number]] = {}
    given = parts(stated, list(truth), spec.get("also"), spec.get("beside", ()), unnamed=True)
    for name, part in given.items():
        if isinstance(part, list) and not isinstance(truth[name], list):
            numbers[name] = _several(name, part, known[name], truth[name])
        elif isinstance(truth[name], list):
            numbers[name] = read_list(part, known[name], name, None if least else len(truth[name]), bool(least))
        else:
            numbers[name] = read(part, known[name], name)
    specified = spec.get("specified", ())
    asked = {name: len(part) if isinstance(part, list) else 1 for name, part in truth.items()}
    shapes = [
        (name, len(part), asked[name])
        for name, part in numbers.items()
        if isinstance(part, list) and (len(part) > asked[name] if least else len(part) != asked[name])
    ]
    for name in (name for name, *_ in shapes if spec.get("excerpt")):
        if [number.value for number in numbers[name]] == truth[name][1:-1]:
            raise Malformed(
                f"{name or 'it'} may be the computed list without its ends; write all {asked[name]} entries"
            )
    findings = [
        (place, *_compared(number, goal, name in specified))
        for name, part in numbers.items()
        if name not in [shape[0] for shape in shapes]
        for place, number, goal in pairs(name, part, truth[name])
    ]
    wrong = [(place, evidence) for place, verdict, evidence in findings if verdict == REFUTED]
    if not (wrong or shapes):
        _complete(numbers, truth, least or 0)
    beside = _beside(numbers, truth, [name for name, *_ in shapes])
    verdict = REFUTED if shapes else weakest([verdict for _, verdict, _ in findings])
    if verdict == REFUTED and isinstance(given, InOrder):
        raise Malformed(f"the parts {', '.join(truth)} are asked for, each under its name")
    return Finding(
        verdict=verdict,
        reason=_as_specified(specified, truth, results)
        if verdict == SPECIFIED
        else _reason(verdict, shapes, wrong, len(findings), specified),
        computed=beside if isinstance(computed, dict) else beside[""],
        corrected="; ".join([*(_shape(name, truth[name]) for name, *_ in shapes), *map(_right, wrong)]) or None,
        evidence={"values": [evidence | {"place": place, "verdict": verdict} for place, verdict, evidence in findings]}
        | ({"recheck": _recheck(shapes, wrong)} if shapes or wrong else {}),
        read=told(numbers, known),
    )


def _compared(number: Number, goal: object, specified: bool) -> tuple[str, dict]:
    verdict, evidence = compare(number, goal)
    return SPECIFIED if specified and verdict != REFUTED else verdict, evidence


def _as_specified(specified: list | dict, truth: dict, results: Results) -> str:
    """Say what it means to agree with what the source gives, and whether the run had the same."""
    rest = [in_words(name) for name in truth if name not in specified]
    reason = "Equal to what the source gives for its experiment, by which the run was set up"
    reason += f"; {' and '.join(rest)} to what is recomputed." if rest else "."
    if isinstance(specified, dict):
        had = {name: results.known(pointer) for name, pointer in specified.items()}
        other = [shown(value) for name, value in had.items() if value != truth[name]]
        reason += (
            f" What was trained here has {'; '.join(other)}." if other else " What was trained has the same values."
        )
    return reason


def shown(value: object) -> str:
    """Return a value, or the values of a list, as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _several(name: str, part: list, form: Form, truth: object) -> list[Number]:
    """Read several values that stand in place of one; Malformed if one of them may be meant, or a range of counts."""
    numbers = [read(one, form, name) for one in part]
    if (
        not part
        or (form.kind == "count" and len(part) == 2)
        or any(compare(one, truth)[0] != REFUTED for one in numbers)
    ):
        raise Malformed(f"{name}: {len(part)} values are stated, and one is asked for; keep that".removeprefix(": "))
    return numbers


def pairs(name: str, part: Number | list[Number], truth: object) -> list[tuple[str, Number, object]]:
    """Match what was read with computed values: [(place, stated, computed)]."""
    if isinstance(part, Number):
        return [(name, part, truth)]
    places = [f"{name} no. {place}".strip() for place in range(1, len(part) + 1)]
    return list(zip(places, part, truth, strict=False))


def _complete(numbers: dict, truth: dict, least: int) -> None:
    """Raise Malformed if what is stated is right as far as it goes, and does not go far enough."""
    complete(numbers, truth)
    for name, part in numbers.items():
        digits = sum(number.value != 0 for number in (part if isinstance(part, list) else [part]))
        asked = least if isinstance(part, list) else 0 if truth[name] in (0, "0") else 1
        if digits < asked:
            raise Malformed(f"{name}: fewer than {asked} values show a digit that is not 0; write more of them")


def resolve(pointers: object, results: Results) -> object:
    """Replace every pointer in a tree of them by what stands there."""
    if isinstance(pointers, dict):
        return {key: resolve(pointer, results) for key, pointer in pointers.items()}
    return results.known(pointers)


def _reason(verdict: str, shapes: list, wrong: list, count: int, specified: Iterable[str]) -> str:
    if shapes:
        name, found, asked = shapes[0]
        return f"{in_words(name) + ': ' if name else ''}{stated_of(found, asked)}."
    if wrong:
        place, evidence = wrong[0]
        where = f"{in_words(place)}: " if place else ""
        more = f" ({len(wrong)} of {count} values differ)" if count > 1 else ""
        how = "given" if re.sub(r" ?no\. \d+$", "", place) in specified else "computed"
        return f"{where}stated {evidence['stated']}, {how} {_brief(evidence['computed'])}{more}."
    if verdict == EXACT:
        return "Equal to the recomputed values." if count > 1 else "Equal to the recomputed value."
    return "Every printed digit agrees with the recomputed value."


def _shape(name: str, truth: object) -> str:
    if not isinstance(truth, list):
        return f"{in_words(name)} = {truth}" if name else str(truth)
    rest = ", …" if len(truth) > SHOWN else ""
    return f"{in_words(name)} ({', '.join(map(str, truth[:SHOWN]))}{rest})".strip()


def _right(wrong: tuple[str, dict]) -> str:
    place, evidence = wrong
    return f"{in_words(place)} = {_brief(evidence['computed'])}" if place else _brief(evidence["computed"])


def _brief(computed: str) -> str:
    """Return a decimal number with no more digits than a person would print."""
    return f"{float(computed):.10g}" if re.fullmatch(r"-?\d+\.\d{11,}", computed) else computed


def _recheck(shapes: list, wrong: list) -> str:
    if not shapes:
        return recheck.value(*wrong[0])
    return recheck.facts([(f"entries of {name or 'the answer'}", found, asked) for name, found, asked in shapes])


def _beside(numbers: dict, truth: dict, misshapen: list[str]) -> dict:
    """Return the computed values beside what is stated; of a list that is asked for in part, its beginning."""
    return {
        name: truth[name][: len(part)] if isinstance(truth[name], list) and name not in misshapen else truth[name]
        for name, part in numbers.items()
    }

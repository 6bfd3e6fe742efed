"""Figures that the described procedure fixes: equal in exact arithmetic, or to the printed digits.

spec: `computed`, pointers to the computed figures in the shape of the answer. A list may state only the beginning.
"""

from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.printed import compare
from scripts.verdicts.results import Results


def pairs(stated: object, computed: object, place: str = "") -> list[tuple[str, str, object]]:
    """Match stated strings with computed figures by place: [(place, stated, computed)]; Malformed if shapes differ."""
    if isinstance(computed, dict) and isinstance(stated, dict):
        unknown = set(stated) - set(computed)
        if unknown or not stated:
            raise Malformed(f"the parts are {', '.join(computed)}")
        return [pair for key in stated for pair in pairs(stated[key], computed[key], f"{place} {key}".strip())]
    if isinstance(computed, list) and isinstance(stated, list):
        if not 0 < len(stated) <= len(computed):
            raise Malformed(f"{place or 'the list'} has {len(stated)} entries instead of {len(computed)}")
        return [
            pair
            for position, (one, other) in enumerate(zip(stated, computed, strict=False), 1)
            for pair in pairs(one, other, f"{place} no. {position}".strip())
        ]
    if isinstance(stated, str) and not isinstance(computed, dict | list):
        return [(place, stated, computed)]
    raise Malformed(f"{place or 'the answer'} has the wrong shape")


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    computed = resolve(spec["computed"], results)
    if spec.get("whole", True) and _size(stated) != _size(computed):
        raise Malformed(f"{_size(stated)} figures are stated instead of {_size(computed)}")
    findings = [(place, *compare(one, other)) for place, one, other in pairs(stated, computed)]
    verdict = weakest([verdict for _, verdict, _ in findings])
    wrong = [(place, evidence) for place, verdict, evidence in findings if verdict == REFUTED]
    if wrong:
        place, evidence = wrong[0]
        more = f" ({len(wrong)} of {len(findings)} figures differ)" if len(findings) > 1 else ""
        reason = f"{place + ': ' if place else ''}stated {evidence['stated']}, computed {evidence['computed']}{more}."
    elif verdict == EXACT:
        reason = "Equal to the recomputed figures." if len(findings) > 1 else "Equal to the recomputed figure."
    else:
        reason = "Every printed digit agrees with the recomputed value."
    return Finding(
        verdict=verdict,
        reason=reason,
        computed=computed if _size(computed) == _size(stated) else _like(stated, computed),
        corrected="; ".join(f"{place} {evidence['computed']}".strip() for place, evidence in wrong) or None,
        evidence={"figures": [evidence | {"place": place, "verdict": verdict} for place, verdict, evidence in findings]}
        | ({"recheck": recheck.figure(*wrong[0])} if wrong else {}),
    )


def resolve(pointers: object, results: Results) -> object:
    """Replace every pointer in a tree of them by what stands there."""
    if isinstance(pointers, dict):
        return {key: resolve(pointer, results) for key, pointer in pointers.items()}
    return results[pointers]


def _size(tree: object) -> int:
    if isinstance(tree, dict):
        return sum(map(_size, tree.values()))
    return sum(map(_size, tree)) if isinstance(tree, list) else 1


def _like(stated: object, computed: object) -> object:
    if isinstance(stated, dict):
        return {key: _like(stated[key], computed[key]) for key in stated}
    return computed[: len(stated)] if isinstance(stated, list) else computed

"""Values of a random procedure: can they be excluded as a draw from what runs of the described procedure produce?

All values of the answer are tested jointly, which decides, as `statistics` says, and singly, which is shown: how many
of the runs lie below and above each. Values beyond all runs are told whatever the verdict is: what is not excluded need
not be usual.
spec: `ensemble`, as `ensembles` describes it; `parts` of the answer, in the order of its columns, each a value or
`rows` of them, in the `form` that `printed` describes. Where `chaos` points to nothing, two runs a rounding error apart
have stayed together: then the values are fixed after all, and `computed` says where they stand.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import DISTRIBUTION, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import value
from scripts.verdicts.parts import by_rows, complete, in_words, parts, stated_of
from scripts.verdicts.printed import Number, forms, read, read_list, told
from scripts.verdicts.results import Results, plain
from scripts.verdicts.statistics import Outcome, changed, singly

TRIED = 50  # runs that are held against the others, at most


class Short(Malformed):
    """Fewer values are stated than are asked for; `facts` are (what, how many are stated, how many are asked for)."""

    def __init__(self, facts: list[tuple[str, int, int]], read: str):
        what, found, asked = facts[0]
        super().__init__(f"{what}: {stated_of(found, asked)}")
        self.facts, self.read = facts, read


def read_parts(stated: object, spec: dict, results: Results) -> tuple[list[Number], str]:
    """Return the values in the order of the ensemble's columns, and how they were read; Short if there are too few."""
    names, rows = spec["parts"], spec.get("rows")
    known = forms(spec["form"], names, results, spec)
    given = _by_rows(stated, spec) or parts(stated, names, spec.get("also"), spec.get("beside", ()))
    complete(given, names)
    if rows is None:
        single = {name: read(given[name], known[name], name) for name in names}
        return list(single.values()), told(single, known)
    columns = {name: read_list(given[name], known[name], name, rows) for name in names}
    for name, column in columns.items():
        if len(column) > rows:  # what is asked for may be among them
            raise Malformed(f"{name}: {stated_of(len(column), rows)}; leave out the others")
    if short := [(name, len(column), rows) for name, column in columns.items() if len(column) < rows]:
        raise Short(short, told(columns, known))
    return [number for column in columns.values() for number in column], told(columns, known)


def _by_rows(stated: object, spec: dict) -> dict[str, list] | None:
    """Return the columns of a table that is told row by row, or None."""
    told = by_rows(stated, spec.get("rows", 1))
    if told is stated:
        return None
    rows = [parts(row, spec["parts"], spec.get("also"), spec.get("beside", ())) for row in told]
    return {name: [row[name] for row in rows] for name in spec["parts"] if all(name in row for row in rows)}


def judge(ensemble: ensembles.Ensemble, numbers: list[Number], alpha: float) -> Finding:
    """Test printed values against an ensemble with as many columns."""
    if len(numbers) != len(ensemble.names):
        raise Malformed(f"{len(numbers)} values are stated instead of {len(ensemble.names)}")
    texts, bounds = [number.text for number in numbers], [number[:2] for number in numbers]
    for name, text, (centre, _), size in zip(ensemble.names, texts, bounds, ensemble.sizes, strict=True):
        if size is not None and (count := min(max(round(centre), 0), size)) != centre:
            program = recheck.facts([(f"{name}, the nearest count out of {size}", text, str(count))])
            right = f"{name}: a whole number from 0 to {size}"
            return Finding(REFUTED, f"{text} is no count out of {size}.", None, right, {"recheck": program})
    raw, half = (np.array([float(bound[i]) for bound in bounds]) for i in (0, 1))
    half[[size is not None for size in ensemble.sizes]] = 0  # a count is not rounded
    with np.errstate(all="ignore"):
        possible = np.isfinite(ensemble.scale(raw))
    if not possible.all():
        raise Malformed(f"{texts[int(possible.argmin())]} is no possible value here")
    tested = ensembles.nearest(ensemble, raw, half)
    outcome = ensemble.judge(ensemble.values, tested, alpha)
    summaries = list(ensemble.summaries) or ensemble.names
    least = [] if outcome.least is None else outcome.least.tolist()
    values, by = _singly(ensemble, texts, tested, (raw - half, raw + half), outcome, alpha)
    evidence = {
        "values": values,
        "singly": by,
        "beyond": _beyond(ensemble, values),
        "replicas": len(ensemble.values),
        "ensemble": ensemble.source,
        "method": outcome.method,
        "p": outcome.p,
        "alpha": alpha,
        "farthest": outcome.farthest,
        "summaries": [{"name": name, "p": p} for name, p in zip(summaries, least, strict=False)],
        "changed": changed(outcome, alpha),
    }
    if outcome.method == "Student":  # what it promises rests on an assumption, so it is measured as well
        tried = ensemble.values[:TRIED]
        evidence["false_alarms"] = {"tried": len(tried), "refuted": _false_alarms(*_hashed(ensemble), alpha)}
    refuted = outcome.refutes(alpha)
    if refuted:
        evidence["recheck"] = _recheck(outcome, summaries, alpha)
    worst = min(values, key=lambda one: one["p"])
    if least:
        where = summaries[int(np.argmin(least))]
        far = f"farthest off: “{where}”"
    else:
        alone = worst["p"] <= alpha
        far = f"farthest off: “{worst['name']}”" if alone else "no value is excluded alone, together they are"
    found = f"p = {outcome.p:.2g}{' jointly' if len(summaries) > 1 else ''}, {_method(outcome)}"
    found += "" if outcome.p < 1 else "; so large a p is no evidence for it"
    found += "" if outcome.farthest or outcome.p > alpha else ", but one of the runs lies as far out"
    found += f"; {otherwise(evidence)}"
    if "false_alarms" in evidence:
        tried, alarms = evidence["false_alarms"].values()
        found += f"; at α = {alpha:g} the others would refute {alarms} of {tried} runs"
    beyond = "".join(f"; {words}" for words in map(_told, evidence["beyond"]) if words)
    medians = ", ".join(f"{one['name']}: {one['median']:.6g}" for one in values)
    right = f"between {worst['from']:.6g} and {worst['to']:.6g}"
    right = f"{worst['name']} {right}" if len(values) > 1 else right
    return Finding(
        verdict=REFUTED if refuted else DISTRIBUTION,
        reason=f"Excluded as a draw of the described procedure ({found}); {far}{beyond}."
        if refuted
        else f"Not excluded as a draw of the described procedure ({found}){beyond}.",
        computed=[f"{one['from']:.6g} to {one['to']:.6g}" for one in values],
        corrected=(right if worst["p"] <= alpha else f"for example {medians}") if refuted else None,
        evidence=plain(evidence),
    )


def _singly(
    ensemble: ensembles.Ensemble, texts: list[str], tested: np.ndarray, printed: tuple, outcome: Outcome, alpha: float
) -> tuple[list[dict], str]:
    """Return what is known of each stated value for itself, and by what its p and its interval are.

    printed: from where to where each value may lie, as it is printed; runs in between lie neither below nor above it.
    """
    p, limits, by = singly(ensemble.values, tested, alpha, outcome.size)
    limits = ensembles.raw(ensemble, limits.T.astype(float))
    counts = np.array([size is not None for size in ensemble.sizes])
    runs = ensembles.raw(ensemble, ensemble.values)
    runs = np.where(counts, np.rint(runs), runs)
    low, high = (np.where(counts, whole(end), end) for whole, end in zip((np.ceil, np.floor), limits, strict=True))
    columns = {
        "name": ensemble.names,
        "stated": texts,
        "median": ensembles.raw(ensemble, np.median(ensemble.values, axis=0)).tolist(),
        "from": low.tolist(),
        "to": high.tolist(),
        "p": p.tolist(),
        "below": (runs < printed[0]).sum(axis=0).tolist(),
        "above": (runs > printed[1]).sum(axis=0).tolist(),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)], by


def _beyond(ensemble: ensembles.Ensemble, values: list[dict]) -> list[dict]:
    """Count, for each part of the answer, the stated values above and below all runs, and above and below half."""
    runs, parts, found = len(ensemble.values), ensemble.parts or ("",) * len(values), []
    for part in dict.fromkeys(parts):
        ranks = [(one["below"], one["above"]) for one, of in zip(values, parts, strict=True) if of == part]
        found.append(
            {
                "part": part,
                "values": len(ranks),
                "above_all": sum(below == runs for below, _ in ranks),
                "below_all": sum(above == runs for _, above in ranks),
                "above_half": sum(below > above for below, above in ranks),
                "below_half": sum(above > below for below, above in ranks),
            }
        )
    return found


def _told(beyond: dict) -> str:
    """Say how many values of a part lie beyond all runs, if any do."""
    sides = {side: beyond[f"{side}_all"] for side in ("above", "below") if beyond[f"{side}_all"]}
    if not sides:
        return ""
    if beyond["values"] == 1:
        return f"it lies {''.join(sides)} all runs"
    of = f"{in_words(beyond['part'])} values" if beyond["part"] else "values"
    lie = " and ".join(f"{n} {'lies' if n == 1 else 'lie'} {side}" for side, n in sides.items())
    return f"of {beyond['values']} {of} {lie} all runs"


def _hashed(ensemble: ensembles.Ensemble) -> tuple:
    return ensemble.values.tobytes(), ensemble.values.shape[1], ensemble.judge


@lru_cache(maxsize=64)
def _false_alarms(values: bytes, columns: int, judge: Callable, alpha: float) -> int:
    """Count the runs, TRIED at most, that the others refute: the same for every answer that is held against them."""
    runs = np.frombuffer(values).reshape(-1, columns)
    return sum(judge(np.delete(runs, k, axis=0), row, alpha).refutes(alpha) for k, row in enumerate(runs[:TRIED]))


def otherwise(evidence: dict) -> str:
    """Say how often other runs would have changed the verdict."""
    return f"{100 * evidence['changed']:.0f} % of other sets of runs would have decided otherwise"


def _recheck(outcome: Outcome, names: list[str], alpha: float) -> str:
    values, stated = outcome.pooled[:-1], outcome.pooled[-1]
    if outcome.method == "ranks":
        return recheck.ranks(values, stated, alpha)
    if outcome.method == "counts":
        return recheck.counts(values[:, 0].astype(int).tolist(), int(stated[0]), outcome.size, alpha)
    if outcome.method == "images":
        return recheck.images(values, stated, outcome.threshold)
    k = int(outcome.least.argmin())
    return recheck.student(names[k], values[:, k], stated[k], outcome.tails, alpha)


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Test stated values jointly against the runs; without chaos, compare them with the computed ones."""
    rows = spec.get("rows")
    if "chaos" in spec and results[spec["chaos"]] is None:
        computed = value.resolve(spec["computed"], results)
        found = {len(part) for part in computed.values() if isinstance(part, list)} - {rows}
        return _other_rows(found.pop(), rows) if rows and found else value.check(stated, spec, results, alpha)
    try:
        numbers, seen = read_parts(stated, spec, results)
    except Short as short:
        right = "; ".join(f"{what}: {asked} values" for what, _, asked in short.facts)
        return Finding(REFUTED, f"{short}.", None, right, {"recheck": recheck.facts(short.facts)}, read=short.read)
    ensemble = ensembles.load(spec["ensemble"], results, rows)
    if len(ensemble.names) < len(numbers):
        return _other_rows(len(ensemble.names) // len(spec["parts"]), rows)
    return replace(judge(ensemble, numbers, alpha), read=seen)


def _other_rows(found: int, asked: int) -> Finding:
    return Finding(UNDECIDED, f"Of what was run there are {found} rows, and the question asks about {asked}.")


def _method(outcome: Outcome) -> str:
    runs = f"{len(outcome.pooled) - 1} runs"
    return {
        "ranks": f"by its rank among {runs}",
        "Student": f"by Student's t of {outcome.pooled.shape[1]} summaries among {runs}",
        "counts": f"by the counts of {runs}",
        "images": f"by how far the {runs} lie from each other on all test images",
    }[outcome.method]

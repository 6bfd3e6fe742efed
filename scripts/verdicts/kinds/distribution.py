"""Values of a random procedure: an ordinary draw from what replicas of the described procedure produce, or not.

All values of the answer are tested jointly, which decides, as `statistics` says, and singly, which is shown.
spec: `ensemble`, as `ensembles` describes it; `parts` of the answer, in the order of its columns, each a value or
`rows` of them, in the `form` that `printed` describes. Where `chaos` points to nothing, two runs a rounding error apart
have stayed together: then the values are fixed after all, and `computed` says where they stand.
"""

from dataclasses import replace

import numpy as np

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import DISTRIBUTION, REFUTED, UNDECIDED, Finding, Malformed
from scripts.verdicts.kinds import value
from scripts.verdicts.parts import by_rows, complete, parts
from scripts.verdicts.printed import Number, forms, read, read_list, told
from scripts.verdicts.results import Results, plain
from scripts.verdicts.statistics import Outcome, changed, intervals, student


def read_parts(stated: object, spec: dict, results: Results) -> tuple[list[Number], str]:
    """Return the values in the order of the ensemble's columns, and how they were read."""
    names, rows = spec["parts"], spec.get("rows")
    known = forms(spec["form"], names, results, spec)
    given = _by_rows(stated, spec) or parts(stated, names, spec.get("also"), spec.get("beside", ()))
    complete(given, names)
    if rows is None:
        single = {name: read(given[name], known[name], name) for name in names}
        return list(single.values()), told(single, known)
    columns = {name: read_list(given[name], known[name], name, rows) for name in names}
    for name, column in columns.items():
        if len(column) != rows:
            raise Malformed(f"{name}: {len(column)} values are stated, and {rows} are asked for")
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
    single = student(np.vstack([ensemble.values, tested]))[-1]
    limits = ensembles.raw(ensemble, intervals(ensemble.values, alpha).T).T
    middle = ensembles.raw(ensemble, np.median(ensemble.values, axis=0))
    values = [
        {"name": name, "stated": text, "median": float(m), "from": float(low), "to": float(high), "p": float(p)}
        for name, text, m, (low, high), p in zip(ensemble.names, texts, middle, limits, single, strict=True)
    ]
    summaries = list(ensemble.summaries) or ensemble.names
    least = [] if outcome.least is None else outcome.least.tolist()
    evidence = {
        "values": values,
        "replicas": len(ensemble.values),
        "ensemble": ensemble.source,
        "method": outcome.method,
        "p": outcome.p,
        "alpha": alpha,
        "farthest": outcome.farthest,
        "summaries": [{"name": name, "p": p} for name, p in zip(summaries, least, strict=False)],
        "changed": changed(outcome, alpha),
    }
    refuted = outcome.refutes(alpha)
    if refuted:
        evidence["recheck"] = _recheck(outcome, summaries, alpha)
    worst = min(values, key=lambda one: one["p"])
    if least:
        where = summaries[int(np.argmin(least))]
        far = f"farthest off: {where}"
    else:
        alone = worst["p"] <= alpha
        far = f"farthest off: {worst['name']}" if alone else "each value alone is ordinary, together they are not"
    found = f"p = {outcome.p:.2g}{' jointly' if len(summaries) > 1 else ''}, {_method(outcome)}"
    found += "" if outcome.farthest or outcome.p > alpha else ", but one of the replicas lies as far out"
    found += f"; {otherwise(evidence)}"
    medians = ", ".join(f"{one['name']}: {one['median']:.6g}" for one in values)
    right = f"{worst['name']} between {worst['from']:.6g} and {worst['to']:.6g}"
    return Finding(
        verdict=REFUTED if refuted else DISTRIBUTION,
        reason=f"No ordinary draw of the described procedure ({found}); {far}."
        if refuted
        else f"Not excluded as a draw of the described procedure ({found}).",
        computed=[f"{one['from']:.6g} to {one['to']:.6g}" for one in values],
        corrected=(right if worst["p"] <= alpha else f"for example {medians}") if refuted else None,
        evidence=plain(evidence),
    )


def otherwise(evidence: dict) -> str:
    """Say how often other replicas would have changed the verdict."""
    return f"{evidence['changed']:.0%} of other sets of replicas would have decided otherwise"


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
    """Test stated values jointly against the replicas; without chaos, compare them with the computed ones."""
    rows = spec.get("rows")
    if "chaos" in spec and results[spec["chaos"]] is None:
        computed = value.resolve(spec["computed"], results)
        found = {len(part) for part in computed.values() if isinstance(part, list)} - {rows}
        return _other_rows(found.pop(), rows) if rows and found else value.check(stated, spec, results, alpha)
    numbers, seen = read_parts(stated, spec, results)
    ensemble = ensembles.load(spec["ensemble"], results, rows)
    if len(ensemble.names) < len(numbers):
        return _other_rows(len(ensemble.names) // len(spec["parts"]), rows)
    return replace(judge(ensemble, numbers, alpha), read=seen)


def _other_rows(found: int, asked: int) -> Finding:
    return Finding(UNDECIDED, f"Of what was run there are {found} rows, and the question asks about {asked}.")


def _method(outcome: Outcome) -> str:
    runs = f"{len(outcome.pooled) - 1} replicas"
    return {
        "ranks": f"by its rank among {runs}",
        "Student": f"by Student's t of {outcome.pooled.shape[1]} summaries among {runs}",
        "counts": f"by the counts of {runs}",
        "images": f"by how far the {runs} lie from each other on all test images",
    }[outcome.method]

"""Values that the answer states twice over, in two forms: do they agree with each other, and with what was asked?

Agreement alone could be had of invented values, so the question fixes the rest: how many images there are, how many
rows, which classes, and the counts have to be a draw of the procedure, at the chance of error α.
spec: `rule`, either "ratio" (accuracy = correct / count, to its printed digits) or "matches" (how many positions of two
printed lists agree); `count`, the pointer to the number of images; `ensemble`, whose counts bound the stated ones; for
a ratio `rows`, how many there are; for matches `names`, the pointer to the classes.
"""

from collections import Counter
from dataclasses import replace
from math import comb

from scripts.verdicts import ensembles, recheck
from scripts.verdicts.finding import EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.kinds import distribution
from scripts.verdicts.parts import complete, parts
from scripts.verdicts.printed import Form, Number, compare, nouns, read, read_list, told
from scripts.verdicts.results import Results

IMPOSSIBLE = 1e-6  # chance below which labels are not those of images drawn at random


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Hold the two forms of an answer against each other, by the claim's rule, and against what the question fixes."""
    return (_ratio if spec["rule"] == "ratio" else _matches)(stated, spec, results, alpha)


def _ratio(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    size, rows = results[spec["count"]], spec["rows"]
    forms = {"correct": Form("count", size), "count": Form("count"), "accuracy": Form("share")}
    forms = {name: form._replace(nouns=nouns(name, spec)) for name, form in forms.items()}
    given = parts(stated, list(forms), spec.get("also"), spec.get("beside", ()))
    complete(given, forms)
    hits, shares = (read_list(given[name], forms[name], name, rows) for name in ("correct", "accuracy"))
    count = read(given["count"], forms["count"], "count")
    seen = told({"correct": hits, "count": count, "accuracy": shares}, forms)
    if len(hits) != len(shares):
        return _unlike([("percentages", str(len(shares)), str(len(hits)))], "a percentage for each count", seen)
    if count.value != size:
        return _unlike([("images", count.text, str(size))], f"{size} images", seen)
    if finding := _no_count(hits, "correct", size, seen):
        return finding
    findings = [compare(share, hit.value / size) for hit, share in zip(hits, shares, strict=True)]
    computed = [f"{float(100 * hit.value / size):.10g} %" for hit in hits]
    wrong = [(i, evidence) for i, (verdict, evidence) in enumerate(findings) if verdict == REFUTED]
    if not wrong and len(hits) > rows:  # they may be those that are asked for, and others
        raise Malformed(f"{len(hits)} counts with their percentages are stated, and {rows} are asked for")
    if not wrong and len(hits) < rows:
        return _unlike([("counts with their percentages", str(len(hits)), str(rows))], f"{rows} of both", seen)
    if not wrong and (finding := _no_draw(hits, spec, results, alpha, seen)):
        return finding
    return Finding(
        verdict=weakest([verdict for verdict, _ in findings]),
        reason=_wrong_shares(wrong, rows, hits) if wrong else "The two forms agree.",
        computed={"accuracy": computed},
        corrected="; ".join(f"{computed[i]} for {hits[i].text} hits, or other hits" for i, _ in wrong) or None,
        evidence={"recheck": recheck.value(f"accuracy no. {wrong[0][0] + 1}", wrong[0][1])} if wrong else {},
        read=seen,
    )


def _wrong_shares(wrong: list[tuple[int, dict]], rows: int, hits: list[Number]) -> str:
    place, evidence = wrong[0]
    more = f" ({len(wrong)} of {rows} do not follow)" if rows > 1 else ""
    return f"{hits[place].text} hits are not {evidence['stated']}{more}."


def _matches(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    size, names = results[spec["count"]], tuple(results[spec["names"]])
    label = Form("label", names=names)
    forms = {"predicted": label, "labels": label, "agreeing": Form("count", size), "count": Form("count")}
    forms = {name: form._replace(nouns=nouns(name, spec)) for name, form in forms.items()}
    given = parts(stated, list(forms), spec.get("also"), spec.get("beside", ()))
    complete(given, forms)
    predicted, labels = (read_list(given[name], label, name) for name in ("predicted", "labels"))
    agreeing, count = (read(given[name], forms[name], name) for name in ("agreeing", "count"))
    seen = told({"predicted": predicted, "labels": labels, "agreeing": agreeing, "count": count}, forms)
    if len(predicted) != len(labels):
        return _unlike([("predictions", str(len(predicted)), str(len(labels)))], "a prediction for each label", seen)
    if count.value != size or len(labels) != size:
        facts = [("images of the batch", count.text, str(size)), ("labels", str(len(labels)), str(size))]
        return _unlike([fact for fact in facts if fact[1] != fact[2]], f"{size} images", seen)
    for number in (*predicted, *labels):
        if number.value not in range(len(names)):
            known = f"one of {', '.join(map(str, range(len(names))))}"
            return _unlike([(f"{number.text} is a class", "yes", "no")], known, seen)
    found = sum(one.value == other.value for one, other in zip(predicted, labels, strict=True))
    same = found == agreeing.value
    lists = ([str(number.value) for number in one] for one in (predicted, labels))
    made_up = same and (_no_draw([agreeing], spec, results, alpha, seen) or _too_often(labels, len(names), seen))
    if made_up:
        return made_up
    return Finding(
        EXACT if same else REFUTED,
        f"Counted position by position, {found} of {size} agree{'' if same else f'; stated are {agreeing.text}'}.",
        {"agreeing": str(found), "count": str(size)},
        None if same else f"{found} of {size}",
        {} if same else {"recheck": recheck.matches(*lists, agreeing.value, count.value)},
        read=seen,
    )


def _unlike(facts: list[tuple[str, str, str]], right: str, seen: str) -> Finding:
    """Refute an answer by what the question fixes: (what, stated, found)."""
    reason = "; ".join(f"{what}: stated {stated}, found {found}" for what, stated, found in facts)
    evidence = {"recheck": recheck.facts(facts)}
    return Finding(REFUTED, reason[0].upper() + reason[1:] + ".", None, right, evidence, read=seen)


def _no_count(counts: list[Number], name: str, size: int, seen: str) -> Finding | None:
    """Refute what is no whole number from 0 to `size`."""
    for number in counts:
        if number.value.denominator != 1 or not 0 <= number.value <= size:
            return _unlike([(f"{name}: {number.text} is a count out of {size}", "yes", "no")], f"0 to {size}", seen)
    return None


def _no_draw(counts: list[Number], spec: dict, results: Results, alpha: float, seen: str) -> Finding | None:
    """Refute counts that are excluded as a draw of the described procedure, which keeps out values that are made up."""
    ensemble = ensembles.load(spec["ensemble"], results, spec.get("rows"))
    columns = [k for k, size in enumerate(ensemble.sizes) if size is not None][: len(counts)]
    counted = ensemble._replace(
        values=ensemble.values[:, columns],
        names=[ensemble.names[k] for k in columns],
        sizes=[ensemble.sizes[k] for k in columns],
        parts=tuple(ensemble.parts[k] for k in columns),
    )
    finding = distribution.judge(counted, counts[: len(columns)], alpha)
    return replace(finding, read=seen) if finding.verdict == REFUTED else None


def _too_often(labels: list[Number], classes: int, seen: str) -> Finding | None:
    """Refute labels among which a class stands more often than among images drawn at random from equal classes.

    The chance that some class stands m times among n is at most C(n, m) · classes^(1 − m).
    """
    (often, m), n = Counter(number.value for number in labels).most_common(1)[0], len(labels)
    chance = comb(n, m) * classes ** float(1 - m)
    if m < 2 or chance >= IMPOSSIBLE:
        return None
    what = f"bound on the chance that a class stands {m} times among {n} images drawn at random"
    evidence = {"recheck": recheck.tests("yes", [{"means": what, "value": chance, "is": ">=", "bound": IMPOSSIBLE}])}
    reason = f"Class {often} stands {m} times among {n} labels, which images drawn at random do not."
    return Finding(REFUTED, reason, None, "the labels of a batch drawn at random", evidence, read=seen)

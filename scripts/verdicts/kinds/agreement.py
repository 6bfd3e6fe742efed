"""Figures that the answer states twice over, in two forms: do they agree with each other?

spec: `rule`, either "ratio" (accuracy = correct / count, to its printed digits) or "matches" (how many positions of two
printed lists agree).
"""

from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, REFUTED, Finding, Malformed, weakest
from scripts.verdicts.printed import compare, value
from scripts.verdicts.results import Results


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    parts = {"ratio": {"correct", "count", "accuracy"}, "matches": {"predicted", "labels", "agreeing", "count"}}[
        spec["rule"]
    ]
    if not isinstance(stated, dict) or set(stated) != parts:
        raise Malformed(f"the parts are {', '.join(sorted(parts))}")
    return (_ratio if spec["rule"] == "ratio" else _matches)(stated)


def _ratio(stated: dict) -> Finding:
    count, hits, shares = value(stated["count"]), stated["correct"], stated["accuracy"]
    if isinstance(hits, str) or isinstance(shares, str) or len(hits) != len(shares) or not (hits and count):
        raise Malformed("correct and accuracy are lists of the same length, none is empty, and count is not zero")
    findings = [compare(share, float(value(hit) / count)) for hit, share in zip(hits, shares, strict=True)]
    verdict = weakest([verdict for verdict, _ in findings])
    computed = [f"{float(100 * value(hit) / count):.10g} %" for hit in hits]
    wrong = [right for right, (one, _) in zip(computed, findings, strict=True) if one == REFUTED]
    reason = (
        "The two forms agree." if not wrong else f"{len(wrong)} of {len(hits)} percentages do not follow from the hits."
    )
    first = next(((place, shown) for place, (one, shown) in enumerate(findings, 1) if one == REFUTED), None)
    evidence = {"recheck": recheck.figure(f"accuracy no. {first[0]}", first[1])} if first else {}
    return Finding(verdict, reason, {"accuracy": computed}, ", ".join(wrong) or None, evidence)


def _matches(stated: dict) -> Finding:
    if not all(isinstance(part, str) for part in stated.values()):
        raise Malformed("predicted and labels are strings of labels")
    predicted, labels = stated["predicted"].split(), stated["labels"].split()
    if len(predicted) != len(labels) or not labels:
        raise Malformed(f"{len(predicted)} predictions and {len(labels)} labels")
    agreeing = sum(one == other for one, other in zip(predicted, labels, strict=True))
    computed = {"agreeing": agreeing, "count": len(labels)}
    same = all(value(stated[key]) == computed[key] for key in computed)
    return Finding(
        EXACT if same else REFUTED,
        f"Counted position by position, {agreeing} of {len(labels)} agree.",
        {key: str(number) for key, number in computed.items()},
        None if same else f"{agreeing} of {len(labels)}",
        {}
        if same
        else {"recheck": recheck.matches(predicted, labels, value(stated["agreeing"]), value(stated["count"]))},
    )

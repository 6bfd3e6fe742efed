"""Hand-fitted ReLU networks: evaluated exactly on their dataset; a wrong one gets a counterexample and a right one.

spec: `points`, the set's file of points, of which scripts.relu.fit has made a result.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from pathlib import PurePath

from scripts.relu.network import Network, agreement, residuals, worst
from scripts.shared.exact import plain
from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, PROVED, REFUTED, Finding, Malformed
from scripts.verdicts.parts import parts
from scripts.verdicts.printed import Form, Number, read, read_list, told
from scripts.verdicts.results import Results
from scripts.verdicts.sides import is_symbol, sides
from scripts.verdicts.written import plain as plain_text

NAMES = ("w_h", "b_h", "w_o", "b_o")
ALSO = {  # what people call these parts besides
    "w_h": ["hidden weights", "w hidden", "w1"],
    "b_h": ["hidden biases", "b hidden", "b1"],
    "w_o": ["output weights", "w output", "w2"],
    "b_o": ["output bias", "b output", "b2"],
}
BESIDE = ("layer", "unit", "vector", "network")  # words that may stand beside these names
WIDEST = 64  # hidden units
FINEST = 10**40  # common denominator of all numbers; beyond it, exact sums grow too long to work with or to show
LARGEST = 10**40
EXACTLY = Form("exact")
UNSIGNED = r"(?:\d+(?:\.\d+|/\d+)?|\(\d+/\d+\))"
RELU = re.compile(r"\\?(?:ReLU|RELU|relu)\s*\(|\\?max\s*\(\s*0\s*,")
WITHIN = rf"(?P<inner>[+-]?(?:{UNSIGNED}?x(?:[+-]{UNSIGNED})?|{UNSIGNED}(?:[+-]{UNSIGNED}?x)?))"
TERM = re.compile(rf"(?P<sign>[+-]?)(?:(?P<factor>{UNSIGNED})?relu\({WITHIN}\)|(?P<constant>{UNSIGNED})(?![\dx.r]))")
LINEAR = re.compile(rf"([+-]?)(?=[\d(x])({UNSIGNED})?(x)?")


def result(spec: dict) -> str:
    """Name the result that scripts.relu.fit made of a claim's points."""
    return f"relu/{PurePath(spec['points']).stem}.json"


def read_network(stated: object, also: dict, beside: Iterable[str]) -> tuple[Network, str]:
    """Read {w_h, b_h, w_o: lists, b_o: number}, or a formula, as an exact network, and say how it was read.

    Malformed if it is neither, or if it is too large to be summed exactly.
    """
    if isinstance(stated, str) and (network := read_formula(stated)):
        return network
    given = parts(stated, list(NAMES), also, beside)
    if missing := [name for name in NAMES if name not in given]:
        raise Malformed(f"{' and '.join(missing)} left out; a network needs {', '.join(NAMES)}")
    # Commas without a space are taken to part numbers, not decimals, if that gives lists of the same length.
    lengths = {part.count(",") + 1 if isinstance(part := given[name], str) else len(part) for name in NAMES[:3]}
    expected = lengths.pop() if len(lengths) == 1 else None
    lists = [read_list(given[name], EXACTLY, name, expected) if given[name] else [] for name in NAMES[:3]]
    if len({len(part) for part in lists}) != 1 or len(lists[0]) > WIDEST:
        found = ", ".join(f"{len(part)} {name}" for part, name in zip(lists, NAMES, strict=False))
        raise Malformed(f"{found}: every hidden unit needs one of each, and {WIDEST} units are the most")
    bias = read(given["b_o"], EXACTLY, "b_o")
    return _network(lists, bias)


def read_formula(text: str) -> tuple[Network, str] | None:
    """Read f(x) = 2 relu(4 − x) + 1.5·max(0, x) − 1 as a network; None if it is no sum of such terms."""
    *left, text = sides(plain_text(text))
    if len(left) > 1 or not all(map(is_symbol, left)):
        return None
    text = re.sub(r"\(([^()]{1,40})\)_\{?\+\}?", r"relu(\1)", text)
    text = RELU.sub("relu(", re.sub(r"[{}]|\\[,;! ]", "", text))
    text = re.sub(r"[ \u00a0]|[*·×](?=[a-z(])", "", text)
    units, bias, place = [], [], 0
    while place < len(text):
        if not (found := TERM.match(text, place)) or (place and not found["sign"]):
            return None
        place, sign = found.end(), found["sign"]
        if found["constant"]:
            bias.append(sign + found["constant"])
            continue
        inner = {True: "0", False: "0"}  # the slope, the constant
        for sign_within, number, x in LINEAR.findall(found["inner"]):
            inner[bool(x)] = sign_within + (number or "1")
        units.append((inner[True], inner[False], sign + (found["factor"] or "1")))
    if not units or len(bias) > 1:
        return None
    lists = [[read(text, EXACTLY) for text in column] for column in zip(*units, strict=True)]
    return _network(lists, read(bias[0] if bias else "0", EXACTLY))


def _network(lists: list[list[Number]], bias: Number) -> tuple[Network, str]:
    values = [number.value for number in (*lists[0], *lists[1], *lists[2], bias)]
    if lcm(*(value.denominator for value in values)) > FINEST or max(map(abs, values)) > LARGEST:
        raise Malformed("its numbers are too long to be summed exactly; write shorter ones")
    seen = told(dict(zip(NAMES, (*lists, bias), strict=True)), dict.fromkeys(NAMES, EXACTLY))
    return Network(*(tuple(number.value for number in part) for part in lists), bias.value), seen


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Tell where a stated network equals the data: everywhere (proved), at the points alone (exact), or not."""
    network, seen = read_network(stated, ALSO | spec.get("also", {}), (*BESIDE, *spec.get("beside", ())))
    fit = results[result(spec)]
    points = [(Fraction(x), Fraction(y)) for x, y in fit["points"]]
    where = agreement(network, points)
    x, f, y = worst(network, points)
    evidence = {
        "agreement": where,
        "largest_error": abs(f - y),
        "counterexample": {"x": x, "f": f, "y": y} if where is None else None,
        "residuals": residuals(network, points),
        "points": points,
        "traces": [{"x": x} | vars(network.trace(x)) for x, _ in points],
        "network": vars(network),
        "constructed": {key: fit[key] for key in ("network", "units", "certificate", "agreement")},
    }
    units = fit["units"]["on R"]
    where_fewest = "for the points" if fit["units"]["at the points, at least"] == units else "on all of ℝ"
    computed = {"largest error": str(abs(f - y)), f"fewest units {where_fewest}": str(units)}
    if where is None:
        right = fit["network"]
        return Finding(
            verdict=REFUTED,
            reason=f"The network gives {f} at x = {x}, where the data have {y}; the largest error is {abs(f - y)}.",
            computed=computed,
            corrected=f"hidden weights ({', '.join(right['hidden_weights'])}), "
            f"hidden biases ({', '.join(right['hidden_biases'])}), "
            f"output weights ({', '.join(right['output_weights'])}), output bias {right['output_bias']}: "
            f"the points joined by lines, with {units} hidden units, the fewest {where_fewest}",
            evidence=plain(evidence | {"recheck": recheck.network(network, right, points)}),
            read=seen,
        )
    return Finding(
        verdict=EXACT if where == "at the points" else PROVED,
        reason=f"The network equals the data {where.replace('R', 'all of ℝ')}.",
        computed=computed,
        evidence=plain(evidence),
        read=seen,
    )

"""Hand-fitted ReLU networks: evaluated exactly on their dataset; a wrong one gets a counterexample and a right one.

spec: `fit`, the result of scripts.relu.fit for the dataset.
"""

from fractions import Fraction
from math import lcm

from scripts.exact import plain
from scripts.relu.network import Network, agreement, residuals, worst
from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, PROVED, REFUTED, Finding, Malformed
from scripts.verdicts.parts import parts
from scripts.verdicts.printed import Form, read, read_list, told
from scripts.verdicts.results import Results

NAMES = ("w_h", "b_h", "w_o", "b_o")
WIDEST = 64  # hidden units
FINEST = 10**40  # common denominator of all numbers; beyond it, exact sums grow too long to work with or to show
LARGEST = 10**40
EXACTLY = Form("exact")


def read_network(stated: object, also: dict | None = None) -> tuple[Network, str]:
    """Read {w_h, b_h, w_o: lists, b_o: number} as an exact network, and say how it was read."""
    given = parts(stated, list(NAMES), also)
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
    values = [number.value for number in (*lists[0], *lists[1], *lists[2], bias)]
    if lcm(*(value.denominator for value in values)) > FINEST or max(map(abs, values)) > LARGEST:
        raise Malformed("its numbers are too long to be summed exactly; write shorter ones")
    seen = told(dict(zip(NAMES, (*lists, bias), strict=True)), dict.fromkeys(NAMES, EXACTLY))
    return Network(*(tuple(number.value for number in part) for part in lists), bias.value), seen


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    network, seen = read_network(stated, spec.get("also"))
    fit = results[spec["fit"]]
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
    computed = {"largest error": str(abs(f - y)), "units needed": str(fit["units"]["on R"])}
    if where is None:
        right = fit["network"]
        return Finding(
            verdict=REFUTED,
            reason=f"The network gives {f} at x = {x}, where the data have {y}; the largest error is {abs(f - y)}.",
            computed=computed,
            corrected=f"hidden weights ({', '.join(right['hidden_weights'])}), "
            f"hidden biases ({', '.join(right['hidden_biases'])}), "
            f"output weights ({', '.join(right['output_weights'])}), output bias {right['output_bias']}: "
            f"exact on R with {fit['units']['on R']} hidden units, and fewer do not suffice",
            evidence=plain(evidence | {"recheck": recheck.network(network, right, points)}),
            read=seen,
        )
    return Finding(
        verdict=EXACT if where == "at the points" else PROVED,
        reason=f"The network equals the data {where}.",
        computed=computed,
        evidence=plain(evidence),
        read=seen,
    )

"""Hand-fitted ReLU networks: evaluated exactly on their dataset; a wrong one gets a counterexample and a right one.

spec: `fit`, the result of scripts.relu.fit for the dataset.
"""

from fractions import Fraction

from scripts.exact import plain
from scripts.relu.network import Network, agreement, residuals, worst
from scripts.verdicts import recheck
from scripts.verdicts.finding import EXACT, PROVED, REFUTED, Finding, Malformed
from scripts.verdicts.printed import value
from scripts.verdicts.results import Results

PARTS = ("w_h", "b_h", "w_o")
WIDEST = 64  # hidden units


def read(stated: object) -> Network:
    """Read {w_h, b_h, w_o: lists, b_o: string} as an exact network."""
    if not isinstance(stated, dict) or set(stated) != {*PARTS, "b_o"}:
        raise Malformed("a network needs w_h, b_h, w_o and b_o")
    lists = [stated[part] for part in PARTS]
    if any(isinstance(part, str) for part in lists) or not isinstance(stated["b_o"], str):
        raise Malformed("w_h, b_h and w_o are lists, b_o is one number")
    if len({len(part) for part in lists}) != 1 or len(lists[0]) > WIDEST:
        raise Malformed(f"w_h, b_h and w_o need the same length, at most {WIDEST}")
    return Network(*(tuple(map(value, part)) for part in lists), value(stated["b_o"]))


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    network = read(stated)
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
        )
    return Finding(
        verdict=EXACT if where == "at the points" else PROVED,
        reason=f"The network equals the data {where}.",
        computed=computed,
        evidence=plain(evidence),
    )

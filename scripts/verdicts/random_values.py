"""Random answers in numbers, of which the truth is known in exact fractions: what would the judge let through?

The computed values are printed with a random number of digits in a random one of the ways in which people print; for
a wrong answer one of them is first moved by more than half a unit of its last printed digit. Fitting networks are
rewritten (units exchanged, scaled by a factor and back, dead ones added), or one of their numbers is moved.

    python -m scripts.verdicts.random_values --wrong 1000 --right 1000
"""

import argparse
import random
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from scripts.relu.network import Network, residuals
from scripts.shared.step import at_least, run
from scripts.verdicts.judge import judge_claim
from scripts.verdicts.kinds import fit, passes
from scripts.verdicts.kinds.value import resolve
from scripts.verdicts.options import add_options, chosen
from scripts.verdicts.printed import Form, forms
from scripts.verdicts.results import Absent, Results
from scripts.verdicts.tally import report, summed

KEYS = ("hidden_weights", "hidden_biases", "output_weights")
Printed = list | dict | str


def printed(value: Fraction, form: Form, draw: random.Random, wrong: bool) -> str:
    """Return a number as somebody might print it; if `wrong`, one that stands for other values only."""
    if form.kind == "label":
        value = (value + draw.randint(1, len(form.names) - 1)) % len(form.names) if wrong else value
        return draw.choice([str(value), form.names[int(value)], f"{value} ({form.names[int(value)].lower()})"])
    if value.denominator == 1 or form.kind in ("count", "exact"):
        value += draw.choice([-1, 1]) * draw.choice([1, 2, 10, 100]) if wrong else 0
        return _whole(value, form, draw)
    if form.kind == "share" and draw.random() < 0.5:
        return _rounded(100 * value, draw, wrong) + draw.choice(["%", " %", r"\,\%"])
    return _rounded(value, draw, wrong)


def _whole(value: Fraction, form: Form, draw: random.Random) -> str:
    if value.denominator != 1:
        return draw.choice([str(value), rf"\frac{{{value.numerator}}}{{{value.denominator}}}"])
    ways = [f"{value}", f"{int(value):,}".replace(",", draw.choice(["\u202f", " ", r"\,", "'"])), f" {value} "]
    ways += [str(value).replace("-", "−")]
    if form.kind != "count":
        ways += [f"{value}.0", f"{2 * value}/2"]
    return draw.choice(ways)


def _rounded(value: Fraction, draw: random.Random, wrong: bool) -> str:
    """Print a real number with two to seven significant digits; a wrong one lies one to nine units beside it."""
    digits, exponent = draw.randint(2, 7), _magnitude(value)
    unit = Fraction(10) ** (exponent - digits + 1)
    units = round(value / unit) + (draw.choice([-1, 1]) * draw.randint(1, 9) if wrong else 0)
    shown, sign = str(abs(units)), draw.choice(["-", "−"]) if units < 0 else ""
    scientific = (shown[0] + "." + shown[1:], exponent + len(shown) - digits)
    ways = [f"{{}}e{scientific[1]}", f"{{}}×10^{scientific[1]}", rf"{{}} \times 10^{{{{{scientific[1]}}}}}"]
    if digits - 1 - exponent <= 0 or draw.random() < 0.3:
        return sign + draw.choice(ways).format(scientific[0])
    places = digits - 1 - exponent
    shown = shown.rjust(places + 1, "0")
    return f"{sign}{shown[:-places]}.{shown[-places:]}"


def _magnitude(value: Fraction) -> int:
    exponent = 0
    while abs(value) >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while value and abs(value) < Fraction(10) ** exponent:
        exponent -= 1
    return exponent


def values(spec: dict, results: Results, draw: random.Random, wrong: bool) -> Printed:
    """Return an answer to a claim of kind "value"."""
    computed = resolve(spec["computed"], results)
    truth = computed if isinstance(computed, dict) else {"": computed}
    known = forms(spec.get("form", "number"), truth, results)
    cut = {name: part[: draw.randint(6, 9)] if spec.get("least") else part for name, part in truth.items()}
    places = [
        (name, k)
        for name, part in cut.items()
        for k in range(len(part) if isinstance(part, list) else 1)
        if not (spec.get("least") and not part[k])
    ]
    moved = draw.choice(places) if wrong else None

    def one(name: str, k: int, value: object) -> str:
        exact = Fraction(value) if isinstance(value, str | int) else Fraction(repr(float(value)))
        return printed(exact, known[name], draw, (name, k) == moved)

    answer: dict[str, list | str] = {}
    for name, part in cut.items():
        if not isinstance(part, list):
            answer[name] = one(name, 0, part)
            continue
        texts = [one(name, k, value) for k, value in enumerate(part)]
        answer[name] = draw.choice([texts, "; ".join(texts), f"[{'; '.join(texts)}]"])
    return answer if isinstance(computed, dict) else answer[""]


def pass_values(spec: dict, results: Results, draw: random.Random, wrong: bool) -> Printed:
    """Return an answer to a claim of kind "pass"."""
    return values(passes.as_value(spec, results), results, draw, wrong)


def network(spec: dict, results: Results, draw: random.Random, wrong: bool) -> Printed:
    """Return an answer to a claim of kind "fit"."""
    fitted = results[fit.result(spec)]
    points, net = [(Fraction(x), Fraction(y)) for x, y in fitted["points"]], fitted["network"]
    while True:
        units = list(zip(*([Fraction(text) for text in net[key]] for key in KEYS), strict=True))
        for k, (w, b, o) in enumerate(units):
            c = Fraction(draw.randint(1, 6), draw.randint(1, 6))
            units[k] = (w * c, b * c, o / c)
        units += [(Fraction(0), Fraction(-1), Fraction(draw.randint(-3, 3)))] * draw.randint(0 if units else 1, 2)
        draw.shuffle(units)
        bias = Fraction(net["output_bias"])
        if wrong:
            k, j = draw.randrange(len(units)), draw.randrange(3)
            moved = list(units[k])
            moved[j] += Fraction(draw.choice([-1, 1]), draw.choice([1, 2, 1000]))
            units[k] = tuple(moved)
        lists = list(zip(*units, strict=True))
        if any(residuals(Network(*lists, bias), points)) == wrong:
            texts = [[str(value) for value in part] for part in lists]
            return dict(zip(("w_h", "b_h", "w_o"), texts, strict=True)) | {"b_o": str(bias)}


MAKERS = {"value": values, "pass": pass_values, "fit": network}


def candidates(known: dict[str, dict], results: Results, seed: int, wrong: bool) -> Iterator[tuple[str, Printed]]:
    """Yield (claim, answer) without end; of no claim if none of the `known` ones has a maker."""
    draw = random.Random(seed)
    names = [name for name, spec in known.items() if spec["kind"] in MAKERS and _is_there(spec, results)]
    while names:
        name = draw.choice(names)
        yield name, MAKERS[known[name]["kind"]](known[name], results, draw, wrong)


def _is_there(spec: dict, results: Results) -> bool:
    """Tell whether what a claim is about was run."""
    try:
        MAKERS[spec["kind"]](spec, results, random.Random(1), False)
    except Absent:
        return False
    return True


def measure(known: dict[str, dict], results: Results, wrong: int, right: int, seed: int = 1) -> dict:
    """Judge so many wrong and right answers; return the counts of verdicts and the answers misjudged."""
    result = {}
    for truth, count in (("wrong", wrong), ("right", right)):
        rows = []
        for name, stated in islice(candidates(known, results, seed, truth == "wrong"), count):
            verdict = judge_claim({"stated": stated}, known[name], results, alpha=0.01).verdict
            rows.append({"problem": name, "stated": str(stated), "verdict": verdict})
        result[truth] = summed(rows, truth)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--wrong", type=at_least(0), default=1000, help="how many wrong answers")
    parser.add_argument("--right", type=at_least(0), default=1000, help="how many right ones")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the random answers")
    args = parser.parse_args()
    problem_set, results = chosen(args)
    found = measure(problem_set.claims, results, args.wrong, args.right, args.seed)
    print(report(found, "values"))
    if any(counts["misjudged"] for counts in found.values()):
        sys.exit("error: wrong values were accepted or right ones refuted")


if __name__ == "__main__":
    run(main)

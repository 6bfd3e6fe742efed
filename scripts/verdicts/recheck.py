"""Programs that re-check a refutation: at most 40 lines of Python's standard library, with all numbers in them.

Each function returns the text of one. Run, it prints what it found and exits with 0 if the refutation holds. Where what
was computed takes more than that, such as a training, the program is a summary: it compares, and says so.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from textwrap import dedent

import numpy as np
from numpy import ndarray

from scripts.relu.network import Network, Point

SUMMARY = "A summary, which computes nothing again"
WIDTH, ROWS = 110, 10  # of the numbers' lines: how wide they are, and after how many they are made wider


def program(what: str, body: str, does: str = "Re-check, with the standard library alone") -> str:
    """Wrap a body that sets `refuted` (bool) and `shown` (str)."""
    body = dedent(body).strip("\n")
    told = f'"""{does}: {what}"""'
    # What was stated may hold characters that a terminal cannot show; it is shown all the same.
    end = 'sys.stdout.reconfigure(errors="backslashreplace")\nprint(shown)\nsys.exit(not refuted)\n'
    return f"{told}\n\nimport sys\n{body}\n{end}"


def summary(what: str, body: str) -> str:
    """Wrap a body that compares what is stated with what was computed, and computes nothing of it again."""
    return program(what, body, SUMMARY)


def numbers(name: str, values: Iterable[str]) -> str:
    """Write `name = "…".split()` with the values, on about ROWS lines of WIDTH characters or more."""
    values = list(values)
    width = max(WIDTH, sum(len(value) + 1 for value in values) // ROWS + 1)
    lines, line = [], ""
    for value in values:
        if line and len(line) + len(value) > width:
            lines.append(line)
            line = ""
        line += f"{value} "
    return "\n".join([f"{name} = (", *(f'    "{text}"' for text in [*lines, line.rstrip()]), ").split()"])


def network(stated: Network, right: dict, points: Sequence[Point]) -> str:
    """The stated network misses a point of the data; the constructed one, given as strings, misses none."""
    lists = ("hidden_weights", "hidden_biases", "output_weights")
    corrected = [*(right[key] for key in lists), right["output_bias"]]
    mine = [*([str(value) for value in getattr(stated, key)] for key in lists), str(stated.output_bias)]
    return program(
        "the stated network does not fit the data, the corrected one does.",
        f"""
from fractions import Fraction as F

def f(net, x):
    w_h, b_h, w_o = ([F(text) for text in part] for part in net[:3])
    return sum(o * max(w * x + b, F(0)) for w, b, o in zip(w_h, b_h, w_o, strict=True)) + F(net[3])

stated = {mine}
corrected = {corrected}
points = {[(str(x), str(y)) for x, y in points]}
error, x, y = max((abs(f(stated, F(x)) - F(y)), F(x), F(y)) for x, y in points)
refuted = error > 0 and all(f(corrected, F(x)) == F(y) for x, y in points)
shown = f"at x = {{x}} the stated network gives {{f(stated, x)}}, the data {{y}}; the corrected one fits: {{refuted}}"
""",
    )


def value(place: str, evidence: dict[str, str]) -> str:
    """A printed number stands for some values; the computed one is none of them (`evidence` is printed.compare's)."""
    stated, computed, low, high = (evidence[key] for key in ("stated", "computed", "from", "to"))
    return summary(
        "a printed value and the computed one.",
        f"""
from fractions import Fraction as F

place, printed = {place!r}, {stated!r}
low, high, computed = F("{low}"), F("{high}"), F("{computed}")
refuted = not low <= computed <= high
shown = f"{{place}} {{printed}} stands for {{float(low)!r}} to {{float(high)!r}}; computed: {{float(computed)!r}}"
""",
    )


def matches(predicted: Sequence[str], labels: Sequence[str], agreeing: Fraction, count: Fraction) -> str:
    """The number of equal positions of two lists is not the stated one."""
    return program(
        "two printed lists, counted position by position.",
        f"""
one = {" ".join(predicted)!r}.split()
other = {" ".join(labels)!r}.split()
found = (sum(a == b for a, b in zip(one, other, strict=True)), len(other))
refuted = found != ({agreeing}, {count})
shown = f"{{found[0]}} of {{found[1]}} agree; stated: {agreeing} of {count}"
""",
    )


def tests(stated: str, results: Sequence[dict]) -> str:
    """A statement answered by `stated`, of which the tests, as kinds.statement records them, decide otherwise."""
    rows = ",\n    ".join(str((test["means"], test["value"], test["is"], test["bound"])) for test in results)
    return summary(
        "a statement, by tests of computed values that all have to hold.",
        f"""
import operator

relations = {{">": operator.gt, "<": operator.lt, "=": operator.eq, ">=": operator.ge, "<=": operator.le}}
tests = [
    {rows},
]
failed = [f"{{means}}: {{value}}, not {{sign}} {{bound}}" for means, value, sign, bound in tests
          if not relations[sign](value, bound)]
refuted = ("no" if failed else "yes") != {stated!r}
shown = "; ".join(failed) or "all tests hold"
""",
    )


def ranks(values: ndarray, stated: ndarray, alpha: float) -> str:
    """The stated vector (columns,) lies farther out than replicas (N, columns), by the ranks of `statistics`."""
    pooled = np.vstack([values, stated])
    varying = pooled.std(axis=0) > 0
    table = pooled[:, varying].tolist()
    data = numbers("data", (f"{value:.17g}" for row in table for value in row))
    return program(
        "how many of the replicas lie as far out as the stated values?",
        f"""
from fractions import Fraction as F
from operator import mul

{data}
d = {int(varying.sum())}  # values; the last row is the stated one
far = [0] * (len(data) // d)  # squares of the distances from the mean, in units of the covariance, as exact fractions
axes = []
for j in range(d):
    column = [F(text) for text in data[j::d]]
    mean = sum(column) / len(column)
    column = [value - mean for value in column]
    for axis, square in axes:  # take away what the values before tell
        along = sum(map(mul, column, axis)) / square
        column = [value - along * other for value, other in zip(column, axis)]
    if square := sum(map(mul, column, column)):
        axes.append((column, square))
        far = [sofar + value * value / square for sofar, value in zip(far, column)]
p = sum(x >= far[-1] * (1 - F(1, 10**9)) for x in far) / len(far)
refuted = p <= {alpha}
shown = f"as far out as stated: {{p * len(far):.0f}} of {{len(far)}}, itself included; p = {{p:.3g}}"
""",
    )


def student(name: str, values: ndarray, stated: float, tails: int, alpha: float) -> str:
    """One stated value lies where replicas (N,) leave no room; p counts two tails per value, or one of a bound."""
    return program(
        "Student's t of a stated value among the replicas.",
        f"""
from math import atan, cos, exp, inf, lgamma, pi, sqrt
from statistics import mean, stdev

{numbers("replicas", (f"{value:.17g}" for value in values.tolist()))}
replicas = [float(text) for text in replicas]
stated, n = {float(stated)!r}, len(replicas)
spread = stdev(replicas) * sqrt(1 + 1 / n)
t = abs(stated - mean(replicas)) / spread if spread else inf
low, steps = atan(t / sqrt(n - 1)), 20000  # the tail of t as an integral of cos^(n - 2)
width = (pi / 2 - low) / steps
tail = sum(cos(low + (k + 0.5) * width) ** (n - 2) for k in range(steps)) * width
p = min(1, {tails} * tail * exp(lgamma(n / 2) - lgamma((n - 1) / 2)) / sqrt(pi))
refuted = p <= {alpha}
shown = f"{name}: t = {{t:.4g}}, p = {{p:.3g}} over {tails} tails"
""",
    )


def images(values: ndarray, stated: ndarray, threshold: float) -> str:
    """The stated log-odds (classes,) of an image are more surprising to replicas (N, classes) than those of nearly all
    images are, which `threshold` says."""
    data = numbers("data", (f"{value:.17g}" for row in [*values.tolist(), stated.tolist()] for value in row))
    return program(
        "how surprising the stated probabilities are beside those of the replicas.",
        f"""
from math import inf, log
from statistics import mean, stdev

{data}
d = {values.shape[1]}  # classes; the last row is the stated one
rows = [[float(text) for text in data[i : i + d]] for i in range(0, len(data), d)]
found, n = 0.0, len(rows) - 1
for j in range(d):
    others = [row[j] for row in rows[:-1]]
    gap, spread = abs(rows[-1][j] - mean(others)), stdev(others) * (1 + 1 / n) ** 0.5
    found += log(1 + (gap / spread) ** 2 / (n - 1)) if spread else inf if gap else 0
refuted = found >= {threshold!r} * (1 - 1e-9)
shown = f"the sum of log(1 + t^2/(n - 1)) is {{found:.4g}}; refuted from {threshold:.4g} on"
""",
    )


def counts(replicas: Sequence[int], stated: int, size: int, alpha: float) -> str:
    """The stated count of `size` images is too small or too large, given those of the replicas."""
    return program(
        "a stated count among those of the replicas, by Fisher's exact test.",
        f"""
from fractions import Fraction
from math import comb

replicas, stated, size = {list(replicas)}, {stated}, {size}
right, images = sum(replicas) + stated, (len(replicas) + 1) * size
chance = [Fraction(comb(size, k) * comb(images - size, right - k), comb(images, right)) if k <= right else Fraction(0)
          for k in range(size + 1)]
p = float(min(1, 2 * min(sum(chance[: stated + 1]), sum(chance[stated:]))))
refuted = p <= {alpha}
shown = f"{{stated}} of {{size}} right; the replicas: {{replicas}}; p = {{p:.3g}}"
""",
    )


def facts(told: Sequence[tuple[str, object, object]]) -> str:
    """Of (what, stated, found), given as plain values, at least one pair differs."""
    lines = "".join(f"    {line!r},\n" for line in told)
    return summary(
        "what is stated, and what was found.",
        f"""
facts = [
{lines}]
wrong = [f"{{what}}: stated {{stated}}, found {{found}}" for what, stated, found in facts if stated != found]
refuted = bool(wrong)
shown = "; ".join(wrong) or "all as stated"
""",
    )

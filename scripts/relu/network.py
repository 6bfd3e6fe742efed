"""One-hidden-layer ReLU networks on piecewise-linear data, in exact rational arithmetic.

A network is f(x) = Σ_j w_oj relu(w_hj x + b_hj) + b_o for scalar x. A dataset is a list of points
(x, y) with ascending x; it stands for the function that joins them by straight lines and continues
the first and the last line for ever. Both are continuous and piecewise linear, so equality on an
interval, or on all of R, is decided at finitely many places.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from scripts.shared.exact import number, read_rows
from scripts.shared.schema import read_texts
from scripts.shared.step import Failure

Point = tuple[Fraction, Fraction]
ROWS = ("hidden_weights", "hidden_biases", "output_weights")


def relu(x: Fraction) -> Fraction:
    """Return max(x, 0)."""
    return max(x, Fraction(0))


@dataclass(frozen=True)
class Trace:
    """All that happens in a network at one x: z̄_j = w_hj x + b_hj, z_j = relu(z̄_j), w_oj z_j, and f(x)."""

    pre_activations: tuple[Fraction, ...]
    activations: tuple[Fraction, ...]
    contributions: tuple[Fraction, ...]
    value: Fraction


@dataclass(frozen=True)
class Network:
    """The parameters w_h, b_h, w_o (as many of each as there are hidden units) and b_o."""

    hidden_weights: tuple[Fraction, ...]
    hidden_biases: tuple[Fraction, ...]
    output_weights: tuple[Fraction, ...]
    output_bias: Fraction

    def __post_init__(self):
        if not len(self.hidden_weights) == len(self.hidden_biases) == len(self.output_weights):
            raise Failure("a network needs as many hidden weights as hidden biases and output weights")

    def trace(self, x: Fraction) -> Trace:
        """Evaluate the network at x with every intermediate value."""
        pre_activations = tuple(w * x + b for w, b in zip(self.hidden_weights, self.hidden_biases, strict=True))
        activations = tuple(relu(z) for z in pre_activations)
        contributions = tuple(w * z for w, z in zip(self.output_weights, activations, strict=True))
        return Trace(pre_activations, activations, contributions, sum(contributions, self.output_bias))

    def __call__(self, x: Fraction) -> Fraction:
        return self.trace(x).value

    def breakpoints(self) -> list[Fraction]:
        """Return, ascending, the x at which some unit switches (w_h x + b_h = 0); f is linear between neighbours."""
        return sorted({-b / w for w, b in zip(self.hidden_weights, self.hidden_biases, strict=True) if w})


def read_points(path: str | Path) -> list[Point]:
    """Read a dataset: one "x y" a line, exact numbers, ascending x, at least two points; # starts a comment."""
    points: list[Point] = []
    for where, entries in read_rows(path, "x y"):
        if len(entries) != 2:
            raise Failure(f"{where}: {len(entries)} entries where two are needed; write 'x y'")
        x, y = entries
        if points and x <= points[-1][0]:
            raise Failure(f"{where}: x = {x} does not exceed the x before it; sort the lines, each x once")
        points.append((x, y))
    if len(points) < 2:
        raise Failure(f"{path}: {len(points)} points, where a piecewise-linear function needs two or more; add some")
    return points


def read_network(path: str | Path) -> tuple[Network, Fraction]:
    """Read a network (three lists of equal length, and the output bias) and its input x from a YAML file."""
    form = f"give x, output_bias and the lists {', '.join(ROWS)}, of numbers"
    try:
        content = read_texts(Path(path).read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: cannot be read as text ({error}); {form}") from None
    keys = {"x", "output_bias", *ROWS}
    if not isinstance(content, dict) or set(content) != keys or not all(isinstance(content[row], list) for row in ROWS):
        raise Failure(f"{path}: {form}, and nothing else")
    if not any(content[row] for row in ROWS):
        raise Failure(f"{path}: the lists are empty; a network needs a hidden unit or more")
    try:
        lists = [tuple(map(number, content[row])) for row in ROWS]
        return Network(*lists, number(content["output_bias"])), number(content["x"])
    except Failure as failure:
        raise Failure(f"{path}: {failure}") from None


def slope(left: Point, right: Point) -> Fraction:
    """Return the slope of the line through two points."""
    return (right[1] - left[1]) / (right[0] - left[0])


def interpolant(points: list[Point], x: Fraction) -> Fraction:
    """Return the data's piecewise-linear function at x, beyond the ends along the first and the last line."""
    right = next((i for i in range(1, len(points)) if x <= points[i][0]), len(points) - 1)
    x0, y0 = points[right - 1]
    return y0 + slope(points[right - 1], points[right]) * (x - x0)


def kinks(points: list[Point]) -> list[Point]:
    """Return the (x, change of slope) of every data point at which the slope does change."""
    slopes = [slope(left, right) for left, right in pairwise(points)]
    changes = [after - before for before, after in pairwise(slopes)]
    return [(x, change) for (x, _), change in zip(points[1:-1], changes, strict=True) if change]


def residuals(network: Network, points: list[Point]) -> list[Fraction]:
    """Return f(x) − y at every point."""
    return [network(x) - y for x, y in points]


def worst(network: Network, points: list[Point]) -> tuple[Fraction, Fraction, Fraction]:
    """Return (x, f(x), y) at the first point with the largest |f(x) − y|."""
    x, y = max(points, key=lambda point: abs(network(point[0]) - point[1]))
    return x, network(x), y


def agreement(network: Network, points: list[Point]) -> str | None:
    """Say how far a network equals the data: "on R", "on the interval", "at the points" or, not at all, None.

    Network and interpolant are linear between neighbours among their breakpoints, so on [x_1, x_n] equality at the
    breakpoints and the ends is equality everywhere; on R, one further place beyond each outermost breakpoint decides.
    """

    def equal(places) -> bool:
        return all(network(x) == interpolant(points, x) for x in places)

    first, last = points[0][0], points[-1][0]
    data = [x for x, _ in points]
    places = sorted({*data, *network.breakpoints()})
    if not equal(data):
        return None
    if not equal(x for x in places if first <= x <= last):
        return "at the points"
    if not equal([places[0] - 1, *places, places[-1] + 1]):
        return "on the interval"
    return "on R"

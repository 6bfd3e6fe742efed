"""Construct the exact one-hidden-layer ReLU network with the fewest hidden units for points joined by straight lines.

**What a unit does.** w_o relu(w_h x + b_h) with w_h ≠ 0 has one kink, at t = −b_h / w_h, where its slope
changes by c = w_o |w_h|. Oriented right (w_h > 0) its slope is 0 before t and c after; oriented left
(w_h < 0) it is −c before t and 0 after. With w_h = 0 it is a constant. So a network's leftmost slope
is minus the sum of the slope changes of its left-oriented units, and at any t the slope of the network
changes by the sum of the c of all units with their kink at t.

**How many are needed.** Let the data have n kinks, slope changes c_1 … c_n ≠ 0 and leftmost slope s.

1. Every kink needs a unit with its kink there: never fewer than n.
2. With just n units, each kink has one, whose change is c_i. Then s = −Σ c_i over the left-oriented ones. Conversely
   any subset of the c_i with sum −s says which units to orient left. So n units suffice iff such a subset exists.
3. If none exists and n ≥ 1, n + 1 suffice: give one kink two units, one oriented left with change −s,
   one oriented right with change c_1 + s, and orient the others right. Then the leftmost slope is s.
4. If none exists and n = 0, the data are one line of slope s ≠ 0 (for s = 0 the empty subset will do and the
   output bias alone is the answer). One unit is a constant or has a kink, so it is no line on R: 2 are needed,
   and 3. with c_1 = 0 gives them.

On the interval of the data alone, 1. to 3. hold unchanged (every kink lies inside it), but in case 4 one unit
does, with its kink outside.

**How many the points alone need.** A network through the points need not run along the lines between them, so it may
have its kinks elsewhere; still it cannot do with fewer than `least` says. Let a < q < b be three neighbouring points
that lie on no line.

5. f has a kink strictly between a and b, else it would be one line there. So k such triples whose open intervals are
   disjoint ask for k units. (Taken are, from the left, those that end first: no choice gives more of them.)
6. Say just k units suffice. Then each has its one kink in one of these intervals, and f has k + 1 lines, with slopes
   s_0 … s_k. A line that runs through two neighbouring points, since no triple's interval reaches between them, has
   their slope. Next to a triple where the data bend up, f bends up as well, its only kink there being convex: the slope
   before is at most that from a to q, as f lies above its line before the kink, and the slope after is at least that
   from q to b. Where they bend down it is the other way round. This encloses each s_i in an interval.
7. By 2. some of the slope changes s_i − s_(i−1), namely those of the units that face left, have the sum −s_0. If that
   can be for no choice of them and no slopes within those intervals, k units do not suffice: k + 1 are needed.

Where this bound is the number of units on R, the network constructed is the smallest for the points as well.

Whether a subset exists is settled by listing all sums, or for many kinks by listing those of two halves and looking
for a pair (meet in the middle). Sums that coincide count once, so a common step of the changes keeps the lists short.
"""

import argparse
from fractions import Fraction
from itertools import pairwise
from math import inf, lcm

from scripts.relu.network import Network, Point, agreement, kinks, read_points, slope
from scripts.shared.exact import plain
from scripts.shared.step import Failure, run, write_json

LISTED = 4096  # so many sums are written out in the certificate
LIMIT = 1 << 20  # so many sums per half are tried at most


def subset_sums(values: list[int]) -> dict[int, int]:
    """Return every sum of a subset of `values`, with one subset that has it as a bit mask."""
    sums = {0: 0}
    for bit, value in enumerate(values):
        sums |= {total + value: mask | 1 << bit for total, mask in sums.items() if total + value not in sums}
        if len(sums) > LIMIT:
            raise Failure(f"the minimal width needs more than {LIMIT} subset sums; give data with fewer kinks")
    return sums


def find_subset(changes: list[Fraction], target: Fraction) -> tuple[list[int] | None, list[Fraction] | None]:
    """Look for a subset of `changes` that sums to `target`.

    Returns its indices (None if there is none) and, when they are few, all subset sums in ascending order (else None).
    """
    scale = lcm(target.denominator, *(change.denominator for change in changes))
    whole, goal = [int(change * scale) for change in changes], int(target * scale)
    half = len(whole) // 2
    left, right = subset_sums(whole[:half]), subset_sums(whole[half:])
    mask = next((left[a] | right[goal - a] << half for a in left if goal - a in right), None)
    chosen = None if mask is None else [i for i in range(len(whole)) if mask >> i & 1]
    if len(left) * len(right) > LISTED:
        return chosen, None
    return chosen, [Fraction(total, scale) for total in sorted({a + b for a in left for b in right})]


Range = tuple[Fraction | float, Fraction | float]  # from, to; infinite where nothing bounds it
ANY: Range = (-inf, inf)


def triples(points: list[Point]) -> list[tuple[int, int]]:
    """Return (place of the middle point, sign of the bend) of triples of neighbours off one line that have disjoint
    open intervals, as many as there can be."""
    found: list[tuple[int, int]] = []
    for i in range(1, len(points) - 1):
        bend = slope(points[i], points[i + 1]) - slope(points[i - 1], points[i])
        if bend and (not found or found[-1][0] + 1 <= i - 1):
            found.append((i, 1 if bend > 0 else -1))
    return found


def slope_ranges(points: list[Point], found: list[tuple[int, int]]) -> list[Range]:
    """Return what encloses the slopes of the k + 1 lines of a network with one kink in each triple; see 6."""
    ranges = []
    for before, after in pairwise([None, *found, None]):
        start = 0 if before is None else before[0] + 1  # the points from start to end lie on this line for certain
        end = len(points) - 1 if after is None else after[0] - 1
        if start < end:
            exact = slope(points[start], points[start + 1])
            ranges.append((exact, exact))
            continue
        low, high = ANY
        if before:
            steepest = slope(points[before[0]], points[before[0] + 1])
            low, high = (steepest, high) if before[1] > 0 else (low, steepest)
        if after:
            steepest = slope(points[after[0] - 1], points[after[0]])
            low, high = (low, min(high, steepest)) if after[1] > 0 else (max(low, steepest), high)
        ranges.append((low, high))
    return ranges


def may_vanish(ranges: list[Range]) -> bool:
    """Tell whether s_0 + Σ (s_i − s_(i−1)) over some of i = 1 … k can be 0 for slopes s_i in these ranges; see 7.

    In that sum s_i has the factor [i is taken, or 0] − [i + 1 is taken], so it is built up line by line, and what has
    been reached so far is kept as a few ranges for either choice. A range that holds nothing leaves no such network.
    """
    if any(low > high for low, high in ranges):
        return False
    reached = {True: [(Fraction(0), Fraction(0))], False: []}  # by whether the triple before the line is taken
    for place, (low, high) in enumerate(ranges):
        following: dict[bool, list[Range]] = {True: [], False: []}
        for taken, sums in reached.items():
            for next_taken in (True, False) if place < len(ranges) - 1 else (False,):
                factor = taken - next_taken
                added = {1: (low, high), 0: (Fraction(0), Fraction(0)), -1: (-high, -low)}[factor]
                following[next_taken] += [(one + added[0], other + added[1]) for one, other in sums]
        reached = {next_taken: _merged(sums) for next_taken, sums in following.items()}
        if sum(map(len, reached.values())) > LISTED:
            return True  # too many to tell: nothing is claimed
    return any(low <= 0 <= high for low, high in reached[False])


def _merged(ranges: list[Range]) -> list[Range]:
    """Return the same numbers in as few ranges as can be."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def least(points: list[Point]) -> int:
    """Return a number of hidden units with less than which no network runs through the points; see 5. to 7."""
    found = triples(points)
    return len(found) + (not may_vanish(slope_ranges(points, found)))


def construct(points: list[Point], chosen: list[int] | None) -> Network:
    """Return the network of 2. (kinks `chosen` oriented left) or, with None, of 3. and 4. in the module's proof."""
    steepness = slope(points[0], points[1])
    units = [(x, change, -1 if chosen and i in chosen else 1) for i, (x, change) in enumerate(kinks(points))]
    if chosen is None:
        x, change, _ = units[0] if units else (points[0][0], Fraction(0), 1)
        units = [(x, -steepness, -1), (x, change + steepness, 1), *units[1:]]
    weights = tuple(Fraction(orientation) for _, _, orientation in units)
    biases = tuple(-orientation * x for x, _, orientation in units)
    changes = tuple(change for _, change, _ in units)
    x, y = points[0]
    return Network(weights, biases, changes, y - Network(weights, biases, changes, Fraction(0))(x))


def fit(points: list[Point]) -> dict:
    """Describe the data, the smallest exact network on R and the certificate that fewer units cannot do (see above)."""
    bends = kinks(points)
    slopes = [slope(points[0], points[1])]
    for _, change in bends:
        slopes.append(slopes[-1] + change)
    chosen, sums = find_subset([change for _, change in bends], -slopes[0])
    network = construct(points, chosen)
    units = len(network.hidden_weights)
    if agreement(network, points) != "on R" or units != len(bends) + (chosen is None) * (1 if bends else 2):
        raise RuntimeError("the constructed network is not what the proof promises")
    traces = [network.trace(x) for x, _ in points]
    return plain(
        {
            "points": points,
            "kinks": [{"x": x, "change": change} for x, change in bends],
            "slopes": slopes,
            "leftmost_slope": slopes[0],
            "rightmost_slope": slopes[-1],
            "network": vars(network),
            "agreement": "on R",
            "traces": [{"x": x, **vars(trace)} for (x, _), trace in zip(points, traces, strict=True)],
            "units": {
                "on R": units,
                "on the interval": units if bends else min(units, 1),
                "at the points, at least": least(points),
            },
            "certificate": {
                "kinks": len(bends),
                "target": -slopes[0],
                "subset": chosen,
                "sums": sums,
                "triples": [points[i][0] for i, _ in triples(points)],
            },
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", required=True, help="text file, one 'x y' a line")
    parser.add_argument("--output", required=True, help="JSON: data, network and certificate")
    args = parser.parse_args()
    write_json(args.output, fit(read_points(args.points)))


if __name__ == "__main__":
    run(main)

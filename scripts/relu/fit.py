"""Construct the exact one-hidden-layer ReLU network with the fewest hidden units for a piecewise-linear dataset.

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
does, with its kink outside. To meet the *points* alone, fewer may do; that question is not answered here.

Whether a subset exists is settled by listing all sums, or for many kinks by listing those of two halves and looking
for a pair (meet in the middle). Sums that coincide count once, so a common step of the changes keeps the lists short.
"""

import argparse
from fractions import Fraction
from math import lcm

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
            "units": {"on R": units, "on the interval": units if bends else min(units, 1)},
            "certificate": {"kinks": len(bends), "target": -slopes[0], "subset": chosen, "sums": sums},
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

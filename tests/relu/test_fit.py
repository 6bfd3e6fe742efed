import json
import random
import subprocess
import sys
from fractions import Fraction as F
from itertools import combinations, combinations_with_replacement, pairwise

import numpy as np
import pytest
from scipy.optimize import linprog

from scripts.relu.fit import construct, find_subset, fit, least
from scripts.relu.network import agreement, interpolant, kinks, read_points, slope


def points(*pairs):
    return [(F(x), F(y)) for x, y in pairs]


def rational(draw: random.Random) -> F:
    return F(draw.randint(-6, 6), draw.choice([1, 1, 1, 2, 3]))


def random_points(draw: random.Random):
    xs = sorted({rational(draw) for _ in range(draw.randint(2, 9))} | {F(-7), F(7)})
    return [(x, rational(draw)) for x in xs]


def brute_force(changes, target):
    return any(sum(subset) == target for n in range(len(changes) + 1) for subset in combinations(changes, n))


@pytest.mark.parametrize(
    "path, units, sums",
    [
        ("problem_sets/deep-learning/data/dataset-1.txt", 4, ["-4", "0", "4", "8"]),
        ("problem_sets/deep-learning/data/dataset-2.txt", 3, ["-2", "-1/2", "0", "3/2"]),
    ],
)
def test_the_two_datasets_need_four_and_three_units(path, units, sums):
    result = fit(read_points(path))
    assert result["units"] == {"on R": units, "on the interval": units, "at the points, at least": units}
    assert len(result["network"]["hidden_weights"]) == units
    assert result["certificate"]["subset"] is None
    assert result["certificate"]["sums"] == sums and result["certificate"]["target"] not in sums


@pytest.mark.parametrize(
    "data, on_line, on_interval, at_points",
    [
        (points((0, 3), (1, 3)), 0, 0, 0),  # constant: the output bias
        (points((0, 3), (1, 5), (4, 11)), 2, 1, 1),  # a line has no kink, and a unit has one
        (points((0, 0), (1, 0), (2, 5)), 1, 1, 1),  # relu itself
        (points((0, 2), (1, 0), (2, 0)), 1, 1, 1),  # relu mirrored
        (points((-1, 1), (0, 0), (1, 1)), 2, 2, 2),  # |x|: its one change is 2, its leftmost slope −1
        (points((0, 0), (1, 1), (2, 0), (3, 0)), 2, 2, 1),  # leftmost slope 1, and −2 + 1 = −1: both look left
        (points((0, 0), (1, 0), (2, 1), (3, 1)), 2, 2, 1),  # one kink cannot do it; the bound does not see that
        (points((0, 0), (1, -1), (2, 0), (3, -1), (4, 0)), 4, 4, 3),  # with a kink each the lines do not meet
    ],
)
def test_small_cases(data, on_line, on_interval, at_points):
    assert fit(data)["units"] == {
        "on R": on_line,
        "on the interval": on_interval,
        "at the points, at least": at_points,
    }


def smallest(data) -> int:
    """Return the least number of hidden units through the points by brute force, in floating point.

    Where it is known between which points each unit has its kink, the sign of its slope change c and whether it faces
    left or right, what the network gives at the points is linear in c and in d = c·t, t being the kink.
    """
    x, y = (np.array(column, dtype=float) for column in zip(*data, strict=True))
    gaps = pairwise([x[0] - 50, *x, x[-1] + 50])
    kinds = [(*gap, sign, facing) for gap in gaps for sign in (1, -1) for facing in (1, -1)]
    for units in range(len(data)):
        for chosen in combinations_with_replacement(kinds, units):
            columns, limits, bounds = [np.ones_like(x)], [], [(None, None)]
            for j, (low, high, sign, facing) in enumerate(chosen):
                on = x > low if facing > 0 else x <= low
                columns += [np.where(on, facing * x, 0), np.where(on, -facing, 0)]
                bounds += [(0, None) if sign > 0 else (None, 0), (None, None)]
                limits += [[0] * (1 + 2 * j) + [sign * c, sign * d] + [0] * 2 * (units - 1 - j)
                           for c, d in ((low, -1), (-high, 1))]  # fmt: skip
            within = {"A_ub": limits, "b_ub": [0] * len(limits)} if limits else {}
            found = linprog([0] * len(columns), A_eq=np.stack(columns, 1), b_eq=y, bounds=bounds, **within)
            if found.status == 0:
                return units
    raise AssertionError("a unit for each line always does")


def test_no_network_through_the_points_has_fewer_units_than_the_bound():
    draw = random.Random(13)
    met = 0
    for _ in range(14):
        data = points(*((x, draw.randint(-2, 2)) for x in range(draw.randint(3, 5))))
        found, bound = smallest(data), least(data)
        assert bound <= found <= fit(data)["units"]["on the interval"]
        met += bound == found
    assert met >= 8
    # The curve of dataset 2 on fewer points: that two units do not suffice is seen by brute force as well.
    data = points((0, 0), (1, 1), (2, 2), (3, 3), (4, 2), (5, 1), (6, "3/2"), (7, 2))[1:]
    assert least(data) == smallest(data) == 3


def test_random_datasets_are_fitted_exactly_and_with_the_fewest_units():
    draw = random.Random(3)
    seen = set()
    for _ in range(300):
        data = random_points(draw)
        changes = [change for _, change in kinks(data)]
        target = -slope(data[0], data[1])
        chosen, sums = find_subset(changes, target)
        assert (chosen is not None) == brute_force(changes, target) == (target in sums)
        assert chosen is None or sum(changes[i] for i in chosen) == target
        network = construct(data, chosen)
        assert len(network.hidden_weights) == len(changes) + (chosen is None) * (1 if changes else 2)
        assert agreement(network, data) == "on R"
        for x in [rational(draw) * 3 for _ in range(20)]:
            assert network(x) == interpolant(data, x)
        seen.add(chosen is None)
    assert seen == {True, False}


def test_a_unit_fewer_does_not_fit():
    data = read_points("problem_sets/deep-learning/data/dataset-2.txt")
    for subset in ([], [0], [1], [0, 1]):  # every way to orient one unit per kink
        assert agreement(construct(data, subset), data) is None


def test_many_kinks_are_settled_by_meeting_in_the_middle():
    primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71]
    changes = [F(prime << prime.bit_length(), 3) for prime in primes]
    wanted = [1, 4, 9, 16]
    chosen, sums = find_subset(changes, sum(changes[i] for i in wanted))
    assert sums is None and sum(changes[i] for i in chosen) == sum(changes[i] for i in wanted)
    assert find_subset(changes, F(1, 7))[0] is None


def test_the_step_writes_the_same_bytes_twice_and_fails_in_one_line(tmp_path):
    command = [sys.executable, "-m", "scripts.relu.fit", "--points"]
    outputs = [tmp_path / "a.json", tmp_path / "b.json"]
    for output in outputs:
        subprocess.run([*command, "problem_sets/deep-learning/data/dataset-1.txt", "--output", output], check=True)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert set(json.loads(outputs[0].read_text())) == {
        *("points", "kinks", "slopes", "leftmost_slope", "rightmost_slope"),
        *("network", "agreement", "traces", "units", "certificate"),
    }
    (tmp_path / "bad.txt").write_text("0 1\n0 2\n")
    failed = subprocess.run(
        [*command, tmp_path / "bad.txt", "--output", tmp_path / "c.json"], capture_output=True, text=True
    )
    assert failed.returncode == 1 and failed.stderr.startswith("error: ") and failed.stderr.count("\n") == 1
    assert not (tmp_path / "c.json").exists()

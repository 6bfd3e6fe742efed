from fractions import Fraction as F

import pytest

from scripts.relu.network import Network, agreement, interpolant, kinks, read_points, residuals, worst
from scripts.shared.step import Failure


def network(hidden_weights, hidden_biases, output_weights, output_bias) -> Network:
    rows = (hidden_weights, hidden_biases, output_weights)
    return Network(*(tuple(F(v) for v in row) for row in rows), F(output_bias))


HAT = [(F(x), F(y)) for x, y in [(0, 0), (1, 1), (2, 0)]]
TWO_UNITS = network([1, 1], [0, -1], [1, -2], 0)


def test_trace_shows_every_intermediate():
    trace = network([-1, 1, 1, -1], [1, 1, -1, 1], [-1, -1, -1, 1], 1).trace(F(2))
    assert trace.pre_activations == (-1, 3, 1, -1)
    assert trace.activations == (0, 3, 1, 0)
    assert trace.contributions == (0, -3, -1, 0)
    assert trace.value == -3


def test_breakpoints_skip_constant_units():
    assert network([2, 0, -1], [1, 5, 3], [1, 1, 1], 0).breakpoints() == [F(-1, 2), 3]


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(Failure, match="as many"):
        network([1], [1, 2], [1], 0)


def test_interpolant_passes_through_the_points_and_beyond_along_the_outer_lines():
    values = [interpolant(HAT, F(x)) for x in ("-1", "0", "1/2", "1", "3/2", "2", "4")]
    assert values == [-1, 0, F(1, 2), 1, F(1, 2), 0, -2]


def test_only_true_bends_are_kinks():
    assert kinks([(F(0), F(0)), (F(1), F(1)), (F(3), F(3)), (F(4), F(0))]) == [(3, -4)]


@pytest.mark.parametrize(
    "candidate, extent",
    [
        (network([1, -1, 1], [0, 0, -1], [1, -1, -2], 0), "on R"),
        (TWO_UNITS, "on the interval"),
        (network([1, 1, 2, 2, 2], [0, -1, -1, "-5/4", "-3/2"], [1, -2, 1, -2, 1], 0), "at the points"),
        (network([1, 1], [0, -1], [1, -3], 0), None),
        (network([], [], [], 0), None),
    ],
)
def test_agreement_tells_r_from_the_interval_from_the_points(candidate, extent):
    assert agreement(candidate, HAT) == extent


def test_agreement_sees_a_departure_far_beyond_the_data():
    assert agreement(network([1, -1, 1, 1], [0, 0, -1, -1000], [1, -1, -2, 1], 0), HAT) == "on the interval"


def test_residuals_and_the_worst_point():
    candidate = network([1], [0], [1], 0)
    assert residuals(candidate, HAT) == [0, 0, 2]
    assert worst(candidate, HAT) == (2, 2, 0)


def test_points_are_read_with_comments_and_blank_lines(tmp_path):
    path = tmp_path / "points.txt"
    path.write_text("# x y\n\n0 1/2  # a comment\n  1.5\t-2\n")
    assert read_points(path) == [(0, F(1, 2)), (F(3, 2), -2)]


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("0 1\n1\n", "line 2: 1 entries"),
        ("0 1\n1 2 3\n", "line 2: 3 entries"),
        ("0 1\n1 two\n", "line 2: 'two' is no number"),
        ("0 1\n1 1e99999999\n", "line 2: '1e99999999' is no number"),
        ("1 1\n0 1\n", "line 2: x = 0 does not exceed"),
        ("1 1\n1 2\n", "line 2: x = 1 does not exceed"),
        ("0 1\n", "1 points"),
        ("", "0 points"),
    ],
)
def test_malformed_points_fail_in_one_line(tmp_path, text, complaint):
    path = tmp_path / "points.txt"
    path.write_text(text)
    with pytest.raises(Failure) as failure:
        read_points(path)
    assert complaint in str(failure.value) and "\n" not in str(failure.value)


def test_a_missing_or_binary_file_fails_in_one_line(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        with pytest.raises(Failure, match="cannot be read"):
            read_points(tmp_path / name)

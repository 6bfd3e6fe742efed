from fractions import Fraction as F
from random import Random

import pytest

from scripts.relu.network import Network, read_network
from scripts.relu.passes import agreement, backward, by_hand, near_kink, squared_error, torch_network
from scripts.shared.step import Failure

NETWORK, X = read_network("problem_sets/deep-learning/data/network.yaml")


def network(*rows):
    *rows, [bias] = [tuple(map(F, row)) for row in rows]
    return Network(*rows, bias)


def test_forward_pass_of_the_given_network():
    assert by_hand(NETWORK, X)["forward"] == {
        "pre_activations": (-1, 3, 1, -1),
        "activations": (0, 3, 1, 0),
        "contributions": (0, -3, -1, 0),
        "value": -3,
    }


def test_all_thirteen_partial_derivatives():
    result = by_hand(NETWORK, X)
    assert result["partial_derivatives"] == 13
    assert result["backward"]["gradient"] == {
        "output_weights": [0, 3, 1, 0],
        "output_bias": [1],
        "hidden_weights": [0, -2, -2, 0],
        "hidden_biases": [0, -1, -1, 0],
    }
    assert result["checks"] == {"central_differences_equal": True, "autograd_off_by_at_most": 0.0}


def test_random_networks_pass_both_checks():
    draw = Random(2)
    for _ in range(40):
        units = draw.randint(1, 5)
        largest = draw.choice([5, 5, 10**6])
        drawn = network(*([F(draw.randint(-largest, largest), 7) for _ in range(n)] for n in (units, units, units, 1)))
        by_hand(drawn, F(draw.randint(-5, 5), 3))
        squared_error(drawn)


def test_a_wrong_gradient_is_caught():
    right = backward(NETWORK, X)["gradient"]
    functions = (lambda moved: moved(X), lambda *p: torch_network(*p, float(X)))
    agreement(right, *functions, NETWORK, False, F(1))
    for row, entries in right.items():
        wrong = right | {row: [entries[0] + F(1, 10**6), *entries[1:]]}
        for kinks in (True, False):  # by autograd alone, and by both
            with pytest.raises(RuntimeError, match="the gradient is wrong"):
                agreement(wrong, *functions, NETWORK, kinks, F(1))


def test_the_rule_at_the_kink_is_slope_zero():
    kinked = network([1], [-2], [3], [0])
    result = by_hand(kinked, F(2))
    assert near_kink(kinked, F(2)) and result["backward"]["relu_slopes"] == [0]
    assert result["checks"]["central_differences_equal"] is None


def test_a_dead_unit_is_no_trouble():
    assert squared_error(network([0], [0], [1], [1]))["checks"]["central_differences_equal"] is None


def test_every_step_is_written_out():
    steps = [step["latex"] for step in by_hand(NETWORK, X)["steps"]]
    assert r"\bar z_{1} = w_{h1} x + b_{h1} = (-1) \cdot 2 + 1 = -1" in steps
    assert any(step.startswith("f = ") and step.endswith("= -3") for step in steps)
    assert sum(r"\frac{\partial f}{\partial" in step.split("=")[0] for step in steps) == 13 + 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x: [",
        "- 1",
        "x: 2",
        "x: a\nhidden_weights: [1]\nhidden_biases: [1]\noutput_weights: [1]\noutput_bias: 0",
        "x: 1\nhidden_weights: 1\nhidden_biases: [1]\noutput_weights: [1]\noutput_bias: 0",
        "x: 1\nhidden_weights: [1, 2]\nhidden_biases: [1]\noutput_weights: [1]\noutput_bias: 0",
    ],
)
def test_a_malformed_network_fails_in_one_line(tmp_path, text):
    (tmp_path / "network.yaml").write_text(text)
    with pytest.raises(Failure, match=r"network\.yaml[:,] ") as failure:
        read_network(tmp_path / "network.yaml")
    assert "\n" not in str(failure.value)

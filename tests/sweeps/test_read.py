"""What a sweep may name, and which runs that means."""

from math import nan

import pytest

from scripts.shared.schema import checked
from scripts.shared.step import Failure
from scripts.sweeps.read import swept
from scripts.sweeps.runs import combinations, run_name

SETTINGS = {
    "fashion_mnist": {"seed": 1, "hidden": [6, 5], "batch_size": 8, "learning_rate": 0.1, "epochs": 3, "replicas": 8},
    "mnist": {"seed": 3, "hidden": [4, 5], "learning_rate": 1.0, "epochs": 2, "compared_batch_size": 7},
}


def read(sweep: object, settings: dict = SETTINGS) -> dict[str, list[str]]:
    """Return by experiment the names of its runs."""
    found = swept(checked({"sweep": sweep}, "config", "configuration"), settings)
    return {experiment: [run_name(run) for run in combinations(values)] for experiment, values in found.items()}


def test_no_sweep_is_no_run():
    assert read({}) == {}
    assert read({"mnist": {}}) == {}


def test_all_combinations_and_the_rest_as_it_is_run():
    assert read({"fashion_mnist": {"learning_rate": [0.01, 0.1], "seed": [1, 2]}}) == {
        "fashion_mnist": [
            f"seed-{seed}_hidden-6-5_batch_size-8_learning_rate-{rate}_epochs-3_pixels-scaled"
            for rate in (0.01, 0.1)
            for seed in (1, 2)
        ]
    }
    assert read({"mnist": {"pixels": ["scaled"], "hidden": [[2, 3], [4, 4]]}}) == {
        "mnist": [f"seed-3_hidden-{widths}_learning_rate-1.0_epochs-2_pixels-scaled" for widths in ("2-3", "4-4")]
    }


def test_another_dimension_keeps_the_runs_there_are():
    before, [after] = (
        read({"mnist": {"seed": [1, 2]}})["mnist"],
        read({"mnist": {"seed": [1, 2], "epochs": [2, 5]}}).values(),
    )
    assert set(before) < set(after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"learning_rate": 0.01}, {"learning_rate": [1e-2]}),
        ({"learning_rate": [1, 2]}, {"learning_rate": [1.0, 2.0]}),
        (
            {"learning_rate": ["1e-2", "1"], "seed": ["7"]},
            {"learning_rate": [0.01, 1], "seed": [7]},
        ),  # as --config has it
        ({"hidden": [7, 8]}, {"hidden": [[7, 8.0]]}),
        ({"hidden": [["7", "8"]]}, {"hidden": [[7, 8]]}),
        ({"seed": 4}, {"seed": [4.0]}),
    ],
)
def test_equal_values_are_one_run(one, other):
    assert read({"mnist": one}) == read({"mnist": other})


@pytest.mark.parametrize(
    ("sweep", "line"),
    [
        ({"minst": {"seed": [1]}}, r"sweep: 'minst' is no experiment with hyperparameters; did you mean 'mnist'\?$"),
        ({"l1_regression": {}}, "sweep: 'l1_regression' is no experiment with hyperparameters"),
        ({"mnist": {"sede": [1]}}, r"sweep.mnist: unknown key 'sede'; did you mean 'seed'\?$"),
        ({"mnist": {"batch_size": [1]}}, "sweep.mnist: unknown key 'batch_size'"),
        ({"mnist": {"replicas": [9]}}, "sweep.mnist: unknown key 'replicas'"),
        ({"mnist": {"epochs": [1, 0]}}, "sweep.mnist.epochs.1: 0 is less than the minimum of 1"),
        ({"mnist": {"epochs": [1.5]}}, "sweep.mnist.epochs.0: 1.5 is not of type 'integer'"),
        ({"mnist": {"learning_rate": [0.1, nan]}}, "sweep.mnist.learning_rate.1: nan is not of type 'number'"),
        ({"mnist": {"learning_rate": "nan"}}, "sweep.mnist.learning_rate.0: 'nan' is not of type 'number'"),
        ({"mnist": {"learning_rate": "fast"}}, "sweep.mnist.learning_rate.0: 'fast' is not of type 'number'"),
        ({"mnist": {"seed": []}}, r"sweep.mnist.seed: \[\] "),
        ({"mnist": {"seed": [1, 1.0]}}, r"sweep.mnist.seed: \[1, 1\] has non-unique elements"),
        ({"mnist": {"learning_rate": [0.01, "1e-2"]}}, "sweep.mnist.learning_rate: .* has non-unique elements"),
        ({"mnist": {"hidden": [[1]]}}, r"sweep.mnist.hidden.0: \[1\] is too short"),
        ({"mnist": {"hidden": 5}}, "sweep.mnist.hidden.0: 5 is not of type 'array'"),
        ({"mnist": {"pixels": ["grey"]}}, "sweep.mnist.pixels.0: unknown value 'grey'"),
        (
            {"mnist": {"seed": list(range(200)), "epochs": list(range(1, 52))}},
            "sweep.mnist: 10200 runs are more than 10000",
        ),
        ({"mnist": [1]}, r"sweep.mnist: \[1\] is not of type 'object'"),
        ([1], r"sweep: \[1\] is not of type 'object'"),
    ],
)
def test_what_means_nothing_is_one_line(sweep, line):
    with pytest.raises(Failure, match=f"^configuration, {line}") as failure:
        read(sweep)
    assert "\n" not in str(failure.value)


def test_an_experiment_that_the_set_does_not_use():
    with pytest.raises(
        Failure, match="'fashion_mnist' is no experiment of this problem set, which uses mnist; leave it"
    ):
        read({"fashion_mnist": {"seed": [1]}}, {"mnist": SETTINGS["mnist"]})

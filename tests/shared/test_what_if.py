"""Givens are the source's; what overrides them is named, and only what means something may."""

import pytest

from scripts.shared.schema import checked
from scripts.shared.step import Failure
from scripts.shared.what_if import settled

GIVEN = {"seed": 3, "hidden": [4, 5], "learning_rate": 0.1, "epochs": 2, "compared_batch_size": 7}


def test_a_set_without_experiments_has_no_settings():
    assert settled({}, checked({}, "config", "here")) == ({}, [])


def test_givens_and_knobs_are_joined():
    settings, rows = settled({"mnist": GIVEN}, checked({"mnist": {"replicas": 20}}, "config", "here"))
    assert settings == {"mnist": GIVEN | {"replicas": 20, "wrong_replicas": 5}}
    assert rows == []


def test_a_what_if_overrides_and_is_named():
    config = checked({"what_if": {"mnist": {"epochs": 9, "seed": 3}}}, "config", "here")
    settings, rows = settled({"mnist": GIVEN}, config)
    assert (settings["mnist"]["epochs"], settings["mnist"]["seed"]) == (9, 3)
    assert rows == [{"given": "mnist.epochs", "source": 2, "here": 9}]
    assert GIVEN["epochs"] == 2


def test_nothing_is_as_if_left_out():
    """As people comment out what stands there."""
    for nothing in (None, "", "~", " "):
        for what_if in (nothing, {"mnist": nothing}, {"mnist": {"epochs": nothing, "hidden": nothing}}):
            settings, rows = settled({"mnist": GIVEN}, checked({"what_if": what_if}, "config", "here"))
            assert rows == [] and settings["mnist"].items() >= GIVEN.items()


def test_texts_from_a_command_line_are_numbers():
    """Snakemake hands over what stands within `--config what_if={mnist: {epochs: 9}}` as texts."""
    config = checked({"what_if": {"mnist": {"epochs": "9", "seed": "3", "hidden": ["4", "5"]}}}, "config", "here")
    settings, rows = settled({"mnist": GIVEN}, config)
    assert settings["mnist"] == GIVEN | {"epochs": 9} | config["mnist"]
    assert rows == [{"given": "mnist.epochs", "source": 2, "here": 9}]


@pytest.mark.parametrize(
    ("what_if", "line"),
    [
        ({"minst": {"epochs": 1}}, r"what_if: 'minst' is no experiment; did you mean 'mnist'\?$"),
        ({"fashion_mnist": {"epochs": 1}}, "what_if: 'fashion_mnist' is no experiment of this problem set, which uses"),
        ({"mnist": {"epoch": 1}}, r"what_if.mnist: unknown key 'epoch'; did you mean 'epochs'\?$"),
        ({"mnist": {"replicas": 9}}, "what_if.mnist: unknown key 'replicas'; "),
        ({"mnist": {"epochs": 0}}, "what_if.mnist.epochs: 0 is less than the minimum of 1"),
        ({"mnist": {"hidden": [4]}}, r"what_if.mnist.hidden: \[4\] is too short"),
    ],
)
def test_what_means_nothing_is_one_line(what_if, line):
    with pytest.raises(Failure, match=f"^configuration, {line}") as failure:
        settled({"mnist": GIVEN}, checked({"what_if": what_if}, "config", "here"))
    assert "\n" not in str(failure.value)

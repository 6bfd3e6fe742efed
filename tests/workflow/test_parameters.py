"""Whatever is configured, a run redoes what uses it and nothing else: held against the commands of a plan, to which
all settings come as words, and not against what Snakemake compares."""

import random
import shutil
from copy import deepcopy

import pytest
from parameters import another, changed, parameters, swapped, swaps
from plan import due, other_commands, plans, redone
from project import RESULTS, SET

# A second opinion on which rules take a parameter: those whose commands it changes. What is not listed is tested, too.
MNIST = {"train_mnist", "replicate_mnist", "replicate_others_mnist"}
FASHION_MNIST = {"train_fashion_mnist", "replicate_fashion_mnist"}
TAKE = {
    "mirror": set(),
    "fashion_mnist.seed": {*FASHION_MNIST, "evaluate_fashion_mnist", "summarise"},
    "fashion_mnist.device": {*FASHION_MNIST, "summarise"},
    "fashion_mnist.samples": {"evaluate_fashion_mnist", "draw_figures", "write_report", "summarise"},
    "mnist.wrong_replicas": {"replicate_others_mnist", "summarise"},
    "verdicts.alpha": {"judge", "measure_power", "grade_verdicts", "summarise"},
    "verdicts.random_answers": {"try_formulas", "grade_verdicts", "summarise"},
    **{f"what_if.fashion_mnist.{key}": {*FASHION_MNIST, "summarise"} for key in ("hidden", "batch_size", "epochs")},
    "what_if.fashion_mnist.learning_rate": {*FASHION_MNIST, "summarise"},
    **{f"what_if.mnist.{key}": {*MNIST, "diverge_mnist", "summarise"} for key in ("seed", "hidden", "learning_rate")},
    "what_if.mnist.epochs": {*MNIST, "summarise"},
    "what_if.mnist.compared_batch_size": {"sum_up_mnist", "summarise"},
}


def turned(config: object) -> object:
    """Return the configuration with all its keys in the contrary order."""
    return {key: turned(config[key]) for key in reversed(config)} if isinstance(config, dict) else config


@pytest.fixture
def planned(finished):
    """Plans a run of the finished project under other configurations; returns them behind that of its own."""
    own = finished.config()

    def plan(*configs: dict):
        try:
            return plans(finished, [own, *configs])
        finally:
            finished.write_config(own)

    return plan


def test_each_parameter_redoes_what_uses_it_and_nothing_else(finished, planned):
    now = parameters(finished.config())
    assert len(now) >= 17 and set(TAKE) - {"mirror"} <= set(now)
    configs = {name: changed(finished.config(), **{name: another(*now[name])}) for name in now}
    before, *after = planned(*configs.values())
    assert redone(before) == set()
    for name, plan in zip(configs, after, strict=True):
        assert due(before, plan) and redone(plan) == due(before, plan), name
        rules = {plan[job].rule for job in other_commands(before, plan)}
        assert rules == TAKE.get(name, rules), name


def test_exchanged_values_are_noticed(finished, planned):
    """Some of all pairs; tests.faults.configurations tries all."""
    pairs = random.Random(1).sample(swaps(finished.config()), 6)
    before, *after = planned(*(swapped(finished.config(), *pair) for pair in pairs))
    for pair, plan in zip(pairs, after, strict=True):
        assert due(before, plan) and redone(plan) == due(before, plan), pair


def test_the_same_in_other_words_redoes_nothing(finished, planned):
    config = finished.config()
    defaults = {name: part["default"] for name, (_, part) in parameters(config).items() if "default" in part}
    left_out = deepcopy(config)
    for name, default in defaults.items():
        room, key = name.split(".")
        if left_out[room].get(key) == default:
            del left_out[room][key]
    same = {
        "defaults are left out": left_out,
        "nothing stands there": changed(config, sweep=None, answers=None) | {"problem_set": None},
        "numbers as texts": changed(
            config, **{"verdicts.alpha": "1e-2", "mnist.replicas": "9", "fashion_mnist.seed": "1"}
        ),
        "whole numbers as others": changed(config, **{"mnist.replicas": 9.0, "what_if.mnist.epochs": "2e0"}),
        "what the source gives as a what-if": changed(config, **{"what_if.mnist.learning_rate": "3e-3"}),
        "the answers of the set by name": changed(config, answers=f"problem_sets/{SET}/answers"),
        "its file in a list": changed(config, answers=[f"problem_sets/{SET}/answers/"]),
        "another name of the folder": changed(config, problem_set=f"./problem_sets/{SET}/"),
        "another mirror": changed(config, mirror="/elsewhere"),
        "keys in another order": turned(config),
    }
    before, *after = planned(*same.values())
    assert {words: redone(plan) for words, plan in zip(same, after, strict=True)} == {words: set() for words in same}
    assert redone(before) == set()


def test_what_is_almost_the_same_is_not(copied):
    config = copied.config()
    elsewhere = copied.folder / f"elsewhere/{SET}"
    shutil.copytree(copied.folder / f"problem_sets/{SET}", elsewhere)
    other = {
        "widths in another order": changed(config, **{"what_if.fashion_mnist.hidden": [8, 12, 6]}),
        "one width less": changed(config, **{"what_if.fashion_mnist.hidden": [12, 8]}),
        "another folder of that name": changed(config, problem_set=f"elsewhere/{SET}"),
        "answers of the same name elsewhere": changed(config, answers=f"elsewhere/{SET}/answers/document.yaml"),
    }
    before, *after = plans(copied, [config, *other.values()])
    for words, plan in zip(other, after, strict=True):
        assert f"{RESULTS}/report.html" in redone(plan) == due(before, plan), words

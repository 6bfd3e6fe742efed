"""What verdicts read follows from kinds and pointers."""

from fnmatch import filter as matching

import pytest
from project import ROOT

from scripts.problem_set.needs import files, patterns, pointers
from scripts.problem_set.pointers import held
from scripts.problem_set.read import read_set
from scripts.shared.step import Failure

DEEP = read_set(ROOT / "problem_sets/deep-learning")
# All that the verdicts on the first set have ever read.
READ = {
    "datasets/fashion-mnist.json",
    "datasets/fashion-mnist.npz",
    "datasets/mnist.json",
    "derivations/m2.json",
    "derivations/m5.json",
    "derivations/p1a.json",
    "derivations/p1b.json",
    "derivations/p2a.json",
    "derivations/p2b.json",
    "derivations/p3b.json",
    "fashion_mnist/confidence.json",
    "fashion_mnist/evaluation.json",
    "fashion_mnist/model.json",
    "fashion_mnist/runs/*/history.csv",
    "fashion_mnist/runs/*/last_batch.csv",
    "fashion_mnist/runs/*/probabilities.npz",
    "l1_regression/example.json",
    "mnist/divergence.json",
    "mnist/history.csv",
    "mnist/initial.json",
    "mnist/replicas/ulp/*.csv",
    "mnist/summary.json",
    "relu/dataset-1.json",
    "relu/dataset-2.json",
    "relu/network.json",
}


def test_what_the_first_set_needs():
    assert {pattern for spec in DEEP.claims.values() for pattern in patterns(spec)} == READ
    assert patterns(DEEP.claims["m6"]) == [
        "mnist/replicas/ulp/*.csv",
        "datasets/mnist.json",
        "mnist/divergence.json",
        "mnist/history.csv",
    ]


def test_everything_needed_is_told_by_who_makes_it():
    rooms = {pattern.partition("/")[0] for pattern in held()}
    assert {pattern.partition("/")[0] for pattern in READ} <= rooms
    assert all(matching(held(), pattern.replace("ulp", "*")) for pattern in READ if pattern.startswith("mnist"))


def test_globs_are_expanded():
    outputs = ["mnist/history.csv", *(f"fashion_mnist/runs/{run}/history.csv" for run in range(12))]
    assert files([DEEP.claims["f7"]], outputs) == outputs[1:]
    with pytest.raises(Failure, match=r"^items/m6.yaml, claims.m6: nothing makes mnist/replicas/ulp/\*.csv; known are"):
        files([DEEP.claims["m6"]], outputs)


def test_pointers_stand_alone_or_behind_words():
    spec = {"kind": "value", "form": "count of a/b.csv#0.n", "computed": {"x": "a/b.json#units.on R", "y": "c.npz"}}
    assert [*pointers(spec)] == [
        ("form", "a/b.csv", "0.n"),
        ("computed", "a/b.json", "units.on R"),
        ("computed", "c.npz", ""),
    ]
    assert [*pointers({"about": "how a/b.csv begins", "says": {"for": "x.json"}, "rows": 3})] == []

"""Ensembles as an item describes them: what becomes a column, and how rounding is given to an answer."""

import numpy as np
import pytest
from stand_in import StandIn

from scripts.shared.step import Failure
from scripts.verdicts.ensembles import Ensemble, each_value, identity, load, nearest, raw, sample

ALPHA = 0.01
RUNS = {
    f"runs/{k}/steps.csv": [{"step": 10 * i, "a": 1.0 + k, "b": 2.0 + i, "c": 2.0 if k else i + 2} for i in range(3)]
    for k in range(12)
}
JOINED = {"all.csv": [row | {"run": file} for file, rows in RUNS.items() for row in rows], "n.json": {"count": 60}}
COLUMNS = {"row": "step", "columns": {"first": "a", "second": "b"}}


class TestTables:
    def test_one_per_replica_or_one_column_that_tells_them_apart(self):
        apart = load({"table": "runs/*/steps.csv"} | COLUMNS, StandIn(RUNS), 2)
        joined = load({"table": "*.csv", "replica": "run"} | COLUMNS, StandIn(JOINED), 2)
        assert apart.names == joined.names == ["first step 0", "first step 10", "second step 0", "second step 10"]
        assert apart.parts == ("first", "first", "second", "second")
        assert (apart.values == joined.values).all() and apart.values[5].tolist() == [6, 6, 2, 3]
        assert (apart.source, joined.source) == ("runs", "")
        assert load({"table": "runs/*/steps.csv"} | COLUMNS, StandIn(RUNS)).values.shape == (12, 6)

    def test_files_are_in_the_order_of_their_numbers(self):
        values = load({"table": "runs/*/steps.csv"} | COLUMNS, StandIn(RUNS), 1).values
        assert values[:, 0].tolist() == [1.0 + k for k in range(12)]

    def test_counts(self):
        described = {"table": "*.csv", "replica": "run", "out_of": {"second": "n.json#count"}} | COLUMNS
        assert load(described, StandIn(JOINED), 1).sizes == [None, 60]
        agreeing = {"table": "runs/*/steps.csv", "agreeing": {"right": ["b", "c"]}, "test": "count"}
        ensemble = load(agreeing, StandIn(RUNS))
        assert ensemble.names == ["right"] and ensemble.sizes == [3]
        assert ensemble.values[:, 0].tolist() == [3.0] + [1.0] * 11
        assert raw(ensemble, np.array([-1.0])) == 0 and raw(ensemble, np.array([9.0])) == 3
        assert ensemble.judge(ensemble.values, np.array([3.0]), ALPHA).method == "counts"

    def test_what_overflowed_is_large(self):
        files = {"a.csv": [{"x": float("inf")}], "b.csv": [{"x": 1.0}]}
        assert load({"table": "*.csv", "columns": {"x": "x"}}, StandIn(files)).values.tolist() == [[1e6], [1.0]]

    @pytest.mark.parametrize(
        ("described", "words"),
        [
            ({"table": "none/*.csv"} | COLUMNS, "none/.* names no file"),
            ({"table": "runs/*/steps.csv", "columns": {"x": "x"}}, "has no 'x'"),
            ({"table": "runs/*/steps.csv", "test": "count"} | COLUMNS, "'count' takes 1 columns, not first, second"),
        ],
    )
    def test_what_is_not_there(self, described, words):
        with pytest.raises(Failure, match=words):
            load(described, StandIn(RUNS))


def test_samples_are_in_log_odds():
    shares = np.full((4, 3), 1 / 3)
    results = StandIn({f"{k}.npz": {"p": shares} for k in range(9)})
    ensemble = sample({"arrays": "*.npz#p"}, results, 2)
    assert ensemble.values == pytest.approx(np.full((9, 3), np.log(0.5))) and ensemble.whole == 1
    assert raw(ensemble, ensemble.values[0]) == pytest.approx(shares[2])
    assert results.used == {f"{k}.npz" for k in range(9)}
    with pytest.raises(Failure, match="names no file"):
        sample({"arrays": "none*.npz#p"}, results, 2)


def test_rounding_is_given_to_the_answer():
    ensemble = Ensemble(
        np.random.default_rng(0).normal(2.0, 0.001, (9, 1)), ["x"], identity, identity, "", [None], each_value
    )
    for half, refuted in ((0.0, True), (0.1, False)):
        stated = nearest(ensemble, np.array([2.1]), np.array([half]))
        assert each_value(ensemble.values, stated, ALPHA).refutes(ALPHA) == refuted


def test_rounded_parts_of_a_whole_add_up():
    """0.6 and two bare 0.0 leave 0.4 unsaid, of which rounding explains no more than 0.15."""
    values = np.tile([0.6, 0.3, 0.1], (9, 1))
    ensemble = Ensemble(values, list("abc"), identity, identity, "", [None] * 3, each_value, whole=1.0)
    half = np.full(3, 0.05)
    assert nearest(ensemble, np.array([0.6, 0.0, 0.0]), half) == pytest.approx([0.65, 0.05, 0.05])
    assert nearest(ensemble, np.array([0.6, 0.3, 0.2]), half) == pytest.approx([0.575, 0.2875, 0.15], abs=0.02)
    assert nearest(ensemble, np.array([0.6, 0.3, 0.1]), half) == pytest.approx([0.6, 0.3, 0.1])

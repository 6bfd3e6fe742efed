"""What the full run on MNIST gives."""

import pytest

from scripts.verdicts.results import Results

pytestmark = pytest.mark.real


def test_before_training(real_results):
    row = Results(real_results)["mnist/history.csv#0"]
    assert row["correct"] == 880
    assert f"{row['test_loss']:.2f}" == "2.37"
    assert row["count"] == 10_000


def test_training_is_chaotic_on_raw_pixels_and_not_on_scaled_ones(real_results):
    divergence = Results(real_results)["mnist/divergence.json"]
    assert divergence["raw"]["largest"] > 0.1
    assert divergence["scaled"]["largest"] < 1e-12


def test_the_corrected_experiment(real_results):
    results = Results(real_results)
    rows = [row for row in results["mnist/replicas/pixels-scaled/0.csv"] if row["replica"] == 1]
    assert [row["correct"] for row in rows] == [8671, 9078, 9277]


def test_replicas(real_results):
    results = Results(real_results)
    for name, least in (("ulp", 99), ("seeds", 5)):
        rows = [row for file in results.matching(f"mnist/replicas/{name}/*.csv") for row in results[file]]
        assert len({row["replica"] for row in rows}) >= least
        assert len({(row["epoch"], row["loss"]) for row in rows}) == len(rows), "two replicas are the same training"

"""What the full run on Fashion-MNIST gives."""

from itertools import groupby

import pytest

from scripts.verdicts.results import Results

pytestmark = pytest.mark.real


def test_losses_and_accuracy(real_results):
    results = Results(real_results)
    assert 50 < results["fashion_mnist/runs/0/history.csv#24.test_sum"] < 75
    assert results["fashion_mnist/evaluation.json#accuracy"] > 0.84


def test_probabilities_of_each_sample_sum_to_one(real_results):
    rows = Results(real_results)["fashion_mnist/samples.csv"]
    sums = [sum(row["probability"] for row in group) for _, group in groupby(rows, key=lambda row: row["sample"])]
    assert len(sums) == 3
    assert sums == pytest.approx([1, 1, 1], abs=1e-6)


def test_replicas(real_results):
    assert len(Results(real_results).matching("fashion_mnist/runs/*/history.csv")) >= 9

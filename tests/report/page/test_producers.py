"""The manifest names the rule of each file."""

from project import ROOT

from scripts.report.page.producers import patterns, producer


def test_rules_of_files():
    known = patterns([str(path) for path in (ROOT / "workflow/rules").glob("*.smk")])
    expected = {
        "results/mnist/history.csv": "train_mnist",
        "results/mnist/replicas/ulp/0.csv": "replicate_mnist",
        "results/datasets/mnist.npz": "read_dataset",
        "results/relu/dataset-1.json": "fit_points",
        "results/report/summary.json": "summarise",
        "results/fashion_mnist/runs/3/history.csv": "train_fashion_mnist",
        "elsewhere.csv": "",
    }
    assert {name: producer(name, known) for name in expected} == expected

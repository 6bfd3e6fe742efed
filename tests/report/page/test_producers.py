"""The manifest names the rule of each file."""

from project import ROOT

from scripts.report.page.producers import patterns, producer


def test_rules_of_files():
    known = patterns(
        [str(path) for path in (ROOT / "workflow/rules").glob("*.smk")],
        {"points": ["bumps"], "network": ["net", "w"], "wrong": ["sign-flipped"]},
    )
    expected = {
        "mnist/history.csv": "train_mnist",
        "mnist/replicas/ulp/0.csv": "replicate_mnist",
        "datasets/mnist.npz": "read_dataset",
        "relu/bumps.json": "fit_points",
        "relu/net.json": "pass_network",
        "derivations/p1.json": "derive",
        "report/summary.json": "summarise",
        "fashion_mnist/runs/0/history.csv": "train_fashion_mnist",
        "fashion_mnist/runs/2.1/history.csv": "replicate_fashion_mnist",
        "mnist/replicas/ulp/2.csv": "replicate_mnist",
        "mnist/replicas/sign-flipped/0.csv": "replicate_others_mnist",
        "elsewhere.csv": "",
    }
    assert {name: producer(name, known) for name in expected} == expected

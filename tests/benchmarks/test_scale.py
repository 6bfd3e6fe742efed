"""What is measured is told apart from what is extrapolated, and copies of replicas are whole."""

import pytest

from scripts.shared.step import write_text
from tests.benchmarks import scale
from tests.benchmarks.run import Done


def test_the_line_goes_through_the_last_two():
    points = {1: 50.0, 10: 3.0, 110: 13.0}
    assert scale.extrapolated(points, 10) == 3.0
    assert scale.extrapolated(points, 1010) == pytest.approx(103)
    assert scale.extrapolated({10: 5.0, 20: 4.0}, 1000) == 4.0


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1.54, "s", "1.5 s"),
        (150, "s", "2.5 min"),
        (1.0e6, "s", "12 days"),
        (5.5e9, "B", "5.5 GB"),
        (3e5, "B", "0.3 MB"),
    ],
)
def test_values_in_words(value, unit, words):
    assert scale.said(value, unit) == words


def test_what_was_not_measured_is_marked(monkeypatch):
    monkeypatch.setattr(scale, "PLANNED", (100, 1000))
    monkeypatch.setattr(scale, "BEYOND", (10_000,))
    plans = {100: (30, Done(1, 1, 100, "")), 1000: (255, Done(10, 10, 200, ""))}
    steps = {at: dict.fromkeys(scale.READERS, Done(at, at, at, "")) for at in (100, 1000)}
    each = {"mnist": scale.Batches(size=4, files=10, read=1000, written=10)}
    text = scale.growth(plans, steps, each, rate=10.0, fixed=5, pages={100: 1e6, 1000: 2e6})
    assert "| jobs | 30 | 255 | 2 505 |" in text
    assert "| plan | 1 s | 10 s | ~ 100 s |" in text
    assert "| files, Snakemake's records too | 250 | 2 500 | 25 000 |" in text
    assert "| `verdicts.judge` | 100 s, 100 MB | 17 min, 1 000 MB | ~ 2.8 h, 10 GB |" in text


def test_copies_of_replicas(tmp_path):
    source = tmp_path / "source"
    for run in ("0", "1.1", "1.2"):
        write_text(source / f"fashion_mnist/runs/{run}/history.csv", run)
    write_text(source / "mnist/replicas/ulp/0.csv", "replica,loss\n1,a\n2,b\n")
    write_text(source / "mnist/replicas/ulp/1.csv", "replica,loss\n3,c\n4,d\n")
    write_text(source / "mnist/history.csv", "x")
    scale.multiplied(source, tmp_path / "many", 5)
    runs = {path.parent.name: path.read_text() for path in (tmp_path / "many").glob("fashion_mnist/runs/*/history.csv")}
    assert runs == {"0": "0", "1.1": "1.1", "1.2": "1.2", "2.1": "1.1", "2.2": "1.2", "3.1": "1.1", "3.2": "1.2"}
    tables = [(tmp_path / f"many/mnist/replicas/ulp/{batch}.csv").read_text() for batch in range(3)]
    assert tables == ["replica,loss\n1,a\n2,b\n", "replica,loss\n3,c\n4,d\n", "replica,loss\n5,a\n6,b\n"]

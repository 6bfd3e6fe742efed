"""Which figures there are follows from the problem set, and nothing heavy is imported to know them."""

import subprocess
import sys

import pytest
from project import ROOT

from scripts.problem_set.read import ProblemSet, read_set
from scripts.report.plots.figures import answered, draw, shared

FIRST = read_set(ROOT / "problem_sets/deep-learning")


def test_figures_of_the_first_set():
    assert list(shared(FIRST, 2)) == [
        "l1-fit", "l1-descent", "network-forward", "network-backward",
        "calibration", "sample-1", "sample-2", "backpropagation", "mnist-classes", "divergence",
    ]  # fmt: skip
    assert {name: figure.claim for name, figure in answered(FIRST).items()} == {
        "p3a-1-stated": "p3a-1", "p3a-1-corrected": "p3a-1", "p3a-2-stated": "p3a-2",
        "p3a-2-corrected": "p3a-2", "f7-losses": "f7", "m6-accuracy": "m6", "m6-replicas": "m6",
    }  # fmt: skip


def test_a_set_without_experiments_and_networks_has_none():
    claims = {"a": {"id": "a", "kind": "derivative"}, "b": {"id": "b", "kind": "distribution", "ensemble": {}}}
    known = ProblemSet(ROOT, claims=claims)
    assert shared(known, 3) == {} and answered(known) == {}


@pytest.mark.parametrize("name", [*shared(FIRST, 1), *answered(FIRST)])
def test_every_figure_has_a_function_that_draws_it(name):
    figure = (shared(FIRST, 1) | answered(FIRST))[name]
    with pytest.raises(LookupError, match=f"asked for {figure.result}"):  # and none is missing before it asks for them
        draw(name, figure, Asked())


class Asked:
    def __getitem__(self, pointer):
        raise LookupError(f"asked for {pointer}")

    def matching(self, pattern):
        raise LookupError(f"asked for {pattern}")


def test_names_cost_nothing_heavy():
    code = (
        "import sys, scripts.report.plots.figures; "
        "sys.exit(bool({'matplotlib', 'numpy', 'torch', 'pandas', 'sympy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_every_figure_is_on_the_page(report):
    samples = len(list((report.results / "report/figures").glob("sample-*.svg")))
    for name in [*shared(FIRST, samples), *answered(FIRST)]:
        assert f'id="{name}-title"' in report.html, name

import json
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import torch
from project import ROOT

from scripts.formulas import derive
from scripts.formulas.derive import TORCH, at_point, entries, rational, record, size, sizes, symbolic
from scripts.formulas.evaluate import MPMATH
from scripts.formulas.problem import problem
from scripts.problem_set.read import read_set
from scripts.shared.step import Failure

SETS = {name: read_set(ROOT / "problem_sets" / name) for name in ("deep-learning", "example")}
SPECS = {name: spec for found in SETS.values() for name, spec in found.formulas.items()}
PROBLEMS = {name: problem(name, spec) for name, spec in SPECS.items() if spec["kind"] != "identity"}
NORM = {"kind": "derivative", "shapes": {"x": "d"}, "objective": "sum(x**2)", "variable": "x"}
MEAN = {"kind": "minimiser", "shapes": {"x": "n × d", "m": "d"}, "objective": "np.sum((x - m)**2)", "variable": "m"}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_answer_is_confirmed_by_all_routes(name):
    asked = PROBLEMS[name]
    for dims in sizes(asked)[-1:]:
        names = entries(asked, dims)
        result = size(asked, dims, names, symbolic(asked, names, dims))
        assert result["formula_proved"] is True
        assert set(result["routes"]) == {"autograd", "central differences"}
        assert all(route["off_by_at_most"] <= route["tolerance"] for route in result["routes"].values())


@pytest.mark.parametrize("spec", [NORM, MEAN, SPECS["m5-dW2"]])
def test_a_wrong_answer_is_seen_by_every_route(spec, monkeypatch):
    asked = problem("p", spec)
    dims = sizes(asked)[0]
    names = entries(asked, dims)
    derived = symbolic(asked, names, dims)
    plain = type(asked).value

    def off(by):
        def value(self, what, *arguments):
            return plain(self, what, *arguments) * (1 + (by if what == "answer" else 0))

        return value

    monkeypatch.setattr(type(asked), "value", off(mpmath.mpf(10) ** -9))
    with pytest.raises(RuntimeError, match="is off"):
        at_point(asked, dims, 0)
    monkeypatch.setattr(type(asked), "value", off(mpmath.mpf(10) ** -15))
    with pytest.raises(RuntimeError, match="central differences is off"):
        at_point(asked, dims, 0)
    monkeypatch.setattr(type(asked), "value", off(1))
    assert derive._proved(asked, dims, names, derived[1]) == "not reduced to 0"


@pytest.mark.parametrize("limit", ["scripts.formulas.derive.LARGEST", "scripts.formulas.zero.TERMS"])
def test_what_is_too_large_for_components_is_skipped_and_said(limit, monkeypatch):
    monkeypatch.setattr(limit, 0)
    kept = record(problem("p", NORM | {"objective": "sum(1/(1 + x**2))"}))
    assert kept["for_all_sizes"] is True
    assert "too large" in [found["formula_proved"] for found in kept["sizes"]]


@pytest.mark.parametrize("axes", ["", "n", "nm", "nmk", "nmkl"])
def test_sizes_differ_pairwise_and_hold_1(axes):
    asked = problem(
        "p", {"kind": "identity", "shapes": {f"x{c}": c for c in axes} | {"s": "scalar"}, "expression": "s"}
    )
    found = [[*dims.values()] for dims in sizes(asked)]
    assert all(len(set(lengths)) == len(lengths) == len(axes) for lengths in found)
    assert not axes or any(1 in lengths for lengths in found)


def test_points_are_where_the_answer_is_defined():
    spec = {"kind": "derivative", "shapes": {"x": "n"}, "objective": "sum(log(x))", "variable": "x"}
    at_point(problem("p", spec), {"n": 2}, 0)
    nowhere = record(problem("p", spec | {"objective": "sum(log(-x**2))"}))
    assert nowhere["sizes"] == [] and "Not checked by numbers" in nowhere["note"]
    positive, _ = at_point(problem("p", spec | {"positive": ["x"]}), {"n": 9}, 0)
    assert "-" not in str(positive["at"])


@pytest.mark.parametrize(
    "objective",
    ["sigmoid(100*x @ x)", "exp((x @ x)**3)", "log(1 + exp(100*x @ x))", "exp(exp(x @ x))", "np.sum(exp(100*x))"],
)
def test_where_float64_overflows_points_nearer_0_are_drawn(objective):
    kept = record(problem("p", NORM | {"objective": objective}))
    assert len(kept["sizes"]) == 2 and kept["note"] == ""


def test_what_overflows_everywhere_is_not_checked_by_numbers_and_that_is_said():
    kept = record(problem("p", NORM | {"objective": "exp(1000)*sum(x**2)"}))
    assert kept["for_all_sizes"] is True and kept["sizes"] == []
    assert (
        kept["note"]
        == "Not checked by numbers: the numbers at all points drawn are too large for float64, or lose its digits."
    )


def test_the_loss_is_the_one_pytorch_knows():
    logits, labels = torch.tensor([[0.3, -1.2, 2.0]]).double(), torch.tensor([[0.2, 0.5, 0.3]]).double()
    loss = PROBLEMS["softmax-cross-entropy"].value("objective", {"u": logits, "y": labels}, {"k": 3}, TORCH)
    assert torch.allclose(loss, torch.nn.functional.cross_entropy(logits, labels))


def test_backpropagation_agrees_with_autograd_through_the_whole_network():
    asked, dims = PROBLEMS["m5-dW1"], {"n0": 5, "n1": 4, "n2": 3, "n3": 3}
    point = asked.arrays(dims, rational(asked, "whole network"))
    point["y"] = np.array([[0, 1, 0]], dtype=object)
    exact = np.frompyfunc(lambda v: mpmath.mpf(int(v.numerator)) / int(v.denominator), 1, 1)
    names = asked.complete({name: exact(array) for name, array in point.items()}, dims, MPMATH)
    t = {name: torch.tensor(array.astype(float)) for name, array in names.items()}
    parameters = [t[name].requires_grad_() for name in ("W1", "b1", "W2", "b2", "W3", "b3")]
    u3 = torch.sigmoid(torch.sigmoid(t["a"] @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]) @ t["W3"] + t["b3"]
    gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(u3, torch.tensor([1])), parameters)
    for name, gradient in zip(("dW1", "db1", "dW2", "db2", "dW3", "db"), gradients, strict=True):
        formula = PROBLEMS[f"m5-{name}"].value("answer", names, dims, MPMATH).astype(float)
        np.testing.assert_allclose(gradient.numpy(), formula, rtol=1e-12, atol=1e-14)


def test_the_record_lays_out_the_derivation_in_order():
    steps = record(problem("p", NORM | {"objective_latex": r"f(x) = \lVert x \rVert^2"}))["steps"]
    assert [step["latex"] for step in steps] == [
        r"f(x) = \lVert x \rVert^2",
        "x_{1}^{2} + x_{2}^{2} + x_{3}^{2}",
        *(rf"\frac{{\partial f}}{{\partial x_{{{i}}}}} = 2 x_{{{i}}}" for i in (1, 2, 3)),
        r"\frac{\partial f}{\partial x} = 2 \, x",
    ]


def test_the_record_of_a_minimiser_says_why_it_is_the_only_one():
    kept = record(problem("p", MEAN | {"objective_latex": "D(m) = …"}))
    assert kept["strictly_convex"] is kept["completes_the_square"] is True
    assert kept["curvature"] == r"\frac{\partial^2 D}{\partial m^2} = 2 \, n \, I"
    assert kept["steps"][-1]["latex"] == r"D(m) - D(m^*) = n \, \lVert m - m^* \rVert^2 \ge 0"


def test_what_cannot_be_derived_is_recorded_with_the_reason():
    kept = record(problem("p", MEAN | {"objective": "np.sum((x - m)**4)"}))
    assert kept["for_all_sizes"] is False and kept["unproved"].startswith("minimiser: it is found where")


def test_records_do_not_depend_on_the_hash_seed():
    program = (
        "import json; from scripts.problem_set.read import read_set; from scripts.formulas.derive import record; "
        "from scripts.formulas.problem import problem; found = read_set('problem_sets/deep-learning').formulas; "
        "print(json.dumps([record(problem(name, found[name])) for name in ('p1b-minimiser', 'p2b', 'm5-du2')]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and len(json.loads(runs[0])) == 3


SET = "title: T\nchapters: [{id: c, title: C, items: [p, q]}]\n"
ITEM = """\
question: {0}
title: A gradient
claims:
  {0}: {{about: a gradient, kind: derivative, shapes: {{x: d}}, objective: sum(x**{1}), variable: x}}
"""


@pytest.mark.parametrize("content", ["", '{"p1a": {"half', "[]"])
def test_damaged_records_are_worked_out_again(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    assert derive.kept(tmp_path / "a.json") == derive.kept(tmp_path / "none.json") == {}


def test_an_item_is_left_alone_until_its_formulas_change(tmp_path, monkeypatch):
    folder, results = tmp_path / "set", tmp_path / "results"
    (folder / "items").mkdir(parents=True)
    (folder / "set.yaml").write_text(SET, encoding="utf-8")
    command = ["derive", "--problem-set", str(folder), "--folder", str(results)]
    monkeypatch.setattr(sys, "argv", command)

    def run(powers: dict[str, int]) -> dict[str, int]:
        for name, power in powers.items():
            (folder / f"items/{name}.yaml").write_text(ITEM.format(name, power), encoding="utf-8")
        derive.main()
        return {name: (results / f"{name}.json").stat().st_mtime_ns for name in powers}

    before = run({"p": 2, "q": 3})
    (results / "q.json").write_text("cut off", encoding="utf-8")
    assert run({"p": 2, "q": 3})["p"] == before["p"]
    after = run({"p": 2, "q": 4})
    assert after["p"] == before["p"]
    assert r"4 \, x" in json.loads((results / "q.json").read_text(encoding="utf-8"))["q"]["latex"]
    (folder / "items/q.yaml").write_text(ITEM.format("q", "2 + z"), encoding="utf-8")
    with pytest.raises(Failure, match=r"items/q.yaml: q: objective: "):
        derive.main()

import json
import os
import subprocess
import sys
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy
import torch

from scripts.formulas.derive import TORCH, at_point, rational, record, size, symbolic
from scripts.formulas.evaluate import MPMATH
from scripts.formulas.for_all_sizes import prove
from scripts.formulas.problem import PROBLEMS

SECOND = {name: problem.sizes[-1] for name, problem in PROBLEMS.items()}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_formula_is_proved_and_confirmed_by_both_routes(name):
    result = size(PROBLEMS[name], SECOND[name], symbolic(PROBLEMS[name], SECOND[name]))
    assert result["formula_proved"] is True
    assert set(result["routes"]) == {"autograd", "central differences"}
    assert all(route["off_by_at_most"] <= route["tolerance"] for route in result["routes"].values())


WRONG = [
    ("p1a", "x"),  # the factor 2 is lost
    ("p1a", "x**3/3"),  # integrated
    ("p1b-gradient", "2*sum(x - mu)"),  # the sign
    ("p1b-minimiser", "sum(x)"),  # the division
    ("p2b", "-X.T @ sign(X @ W - Y)"),
    ("p2b", "X.T @ (X @ W - Y)"),  # least squares
    ("p3b", "-(y - f) @ df"),
    ("sigmoid", "s"),
    ("softmax-cross-entropy", "y - yhat"),
    ("m5-du2", "du3 @ W3.T"),  # the sigmoid's derivative is forgotten
    ("m5-dw1", "a.T @ du1 * 2"),
    ("m5-dw2", "(du2.T @ z1).T * 2"),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_wrong_formula_is_not_proved(name, wrong):
    problem, dims = replace(PROBLEMS[name], formula=wrong), PROBLEMS[name].sizes[0]
    with pytest.raises(RuntimeError, match="the formula is not"):
        size(problem, dims, symbolic(problem, dims))
    with pytest.raises(RuntimeError, match="the formula is not"):
        prove(problem)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_formula_is_proved_for_all_sizes(name):
    assert prove(PROBLEMS[name])


@pytest.mark.parametrize("name", ["p1a", "p1b-minimiser", "m5-dw2"])
def test_a_wrong_derivation_is_seen_by_the_numerical_routes(name):
    problem, dims = PROBLEMS[name], SECOND[name]
    truth = symbolic(problem, dims)[2].copy()
    truth.flat[-1] = truth.flat[-1] * (1 + sympy.Rational(1, 10**9))
    with pytest.raises(RuntimeError, match="autograd is off"):
        at_point(problem, dims, truth, 0)
    truth.flat[-1] = truth.flat[-1] / (1 + sympy.Rational(1, 10**9)) * (1 + sympy.Rational(1, 10**15))
    with pytest.raises(RuntimeError, match="central differences is off"):
        at_point(problem, dims, truth, 0)


def test_the_loss_is_the_one_pytorch_knows():
    logits, labels = torch.tensor([[0.3, -1.2, 2.0]]).double(), torch.tensor([[0.2, 0.5, 0.3]]).double()
    loss = PROBLEMS["softmax-cross-entropy"].value("objective", {"u": logits, "y": labels}, {"k": 3}, TORCH)
    assert torch.allclose(loss, torch.nn.functional.cross_entropy(logits, labels))
    assert torch.allclose(PROBLEMS["sigmoid"].value("objective", {"u": logits}, {}, TORCH), torch.sigmoid(logits).sum())


def test_backpropagation_agrees_with_autograd_through_the_whole_network():
    problem, dims = PROBLEMS["m5-dw1"], {"n0": 5, "n1": 4, "n2": 3, "n3": 3}
    point = problem.arrays(dims, rational("whole network"))
    point["y"] = np.array([[0, 1, 0]], dtype=object)
    exact = np.frompyfunc(lambda v: mpmath.mpf(int(sympy.numer(v))) / int(sympy.denom(v)), 1, 1)
    names = problem.complete({name: exact(array) for name, array in point.items()}, dims, MPMATH)
    t = {name: torch.tensor(array.astype(float)) for name, array in names.items()}
    parameters = [t[name].requires_grad_() for name in ("W1", "b1", "W2", "b2", "W3", "b3")]
    u3 = torch.sigmoid(torch.sigmoid(t["a"] @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]) @ t["W3"] + t["b3"]
    gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(u3, torch.tensor([1])), parameters)
    for name, gradient in zip(("w1", "b1", "w2", "b2", "w3", "b3"), gradients, strict=True):
        formula = PROBLEMS[f"m5-d{name}"].value("formula", names, dims, MPMATH).astype(float)
        np.testing.assert_allclose(gradient.numpy(), formula, rtol=1e-12, atol=1e-14)


def test_the_record_lays_out_the_derivation_in_order():
    steps = record(PROBLEMS["p1a"])["steps"]
    assert steps[0]["latex"] == PROBLEMS["p1a"].objective_latex
    assert [step["latex"] for step in steps[1:-1]] == [
        "x_{1}^{2} + x_{2}^{2} + x_{3}^{2}",
        *(rf"\frac{{\partial f}}{{\partial x_{{{i}}}}} = 2 x_{{{i}}}" for i in (1, 2, 3)),
    ]
    assert steps[-1]["latex"] == r"\nabla f(x) = 2x"


def test_records_do_not_depend_on_the_hash_seed():
    program = (
        "import json; from scripts.formulas.derive import record; from scripts.formulas.problem import PROBLEMS; "
        "print(json.dumps([record(PROBLEMS[name]) for name in ('p2b', 'softmax-cross-entropy', 'm5-du2')]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and len(json.loads(runs[0])) == 3

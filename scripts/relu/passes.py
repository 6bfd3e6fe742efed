"""P3b–d, M2 and M5: derivatives through a network, from one exact hand calculation to the formulas of backpropagation.

The network of P3 is f(x) = Σ_j w_oj z_j + b_o with z_j = relu(z̄_j), z̄_j = w_hj x + b_hj. By the chain rule, with
relu'(z̄) = 1 for z̄ > 0 and 0 otherwise (at 0, where relu has no derivative, 0 is the declared rule),

    ∂f/∂w_oj = z_j      ∂f/∂b_o = 1      ∂f/∂z_j = w_oj      ∂f/∂z̄_j = w_oj relu'(z̄_j)
    ∂f/∂w_hj = w_oj relu'(z̄_j) x        ∂f/∂b_hj = w_oj relu'(z̄_j)

All in Fractions. Away from kinks f is linear in each single parameter and the squared error is quadratic in it, so
their central differences are exact too, and must be *equal* to the formulas; autograd has to agree in float64.
"""

import argparse
from fractions import Fraction

import torch
import yaml

from scripts.formulas.derive import rational, record
from scripts.formulas.problem import PROBLEMS
from scripts.shared.exact import number, plain
from scripts.shared.step import Failure, run, write_json

ROWS = ("hidden_weights", "hidden_biases", "output_weights")
STEP = Fraction(1, 1000)
SAMPLES = 6  # seeded points for the squared error
Parameters = dict[str, list[Fraction]]


def read_network(path: str) -> tuple[Parameters, Fraction]:
    """Read the parameters (lists of equal length; the output bias as a list of one) and x from a YAML file."""
    try:
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file)
        x, bias = number(str(content["x"])), number(str(content["output_bias"]))
        parameters = {row: [number(str(entry)) for entry in content[row]] for row in ROWS} | {"output_bias": [bias]}
    except Failure as failure:
        raise Failure(f"{path}: {failure}") from None
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())
        raise Failure(f"{path}: {reason}; give x, output_bias and the lists {', '.join(ROWS)}") from None
    if len({len(parameters[row]) for row in ROWS}) != 1:
        raise Failure(f"{path}: {', '.join(ROWS)} differ in length; give one entry of each per hidden unit")
    return parameters, x


def forward(parameters: Parameters, x: Fraction) -> dict:
    """Return pre-activations z̄, activations z, contributions w_o z and the value f of the network at x."""
    w, b, w_o = (parameters[row] for row in ROWS)
    pre_activations = [wj * x + bj for wj, bj in zip(w, b, strict=True)]
    activations = [max(z, Fraction(0)) for z in pre_activations]
    contributions = [wj * z for wj, z in zip(w_o, activations, strict=True)]
    return {
        "pre_activations": pre_activations,
        "activations": activations,
        "contributions": contributions,
        "value": sum(contributions, parameters["output_bias"][0]),
    }


def backward(parameters: Parameters, x: Fraction) -> dict:
    """Return ∂f/∂z, relu'(z̄), ∂f/∂z̄ and, under `gradient`, ∂f/∂(every parameter), shaped as the parameters."""
    values = forward(parameters, x)
    slopes = [Fraction(z > 0) for z in values["pre_activations"]]
    deltas = [w * slope for w, slope in zip(parameters["output_weights"], slopes, strict=True)]
    return {
        "activation_gradient": parameters["output_weights"],
        "relu_slopes": slopes,
        "pre_activation_gradient": deltas,
        "gradient": {
            "hidden_weights": [delta * x for delta in deltas],
            "hidden_biases": deltas,
            "output_weights": values["activations"],
            "output_bias": [Fraction(1)],
        },
    }


def differences(function, parameters: Parameters) -> Parameters:
    """Return (function(p + h) − function(p − h)) / 2h for every parameter p; exact where function is quadratic in p."""

    def moved(row, j, step):
        return parameters | {row: [p + step * (i == j) for i, p in enumerate(parameters[row])]}

    return {
        row: [
            (function(moved(row, j, STEP)) - function(moved(row, j, -STEP))) / (2 * STEP) for j in range(len(entries))
        ]
        for row, entries in parameters.items()
    }


def autograd(function, parameters: Parameters) -> dict[str, list[float]]:
    """Return PyTorch's gradient of function(hidden weights, hidden biases, output weights, output bias) in float64."""
    tensors = [torch.tensor([float(p) for p in entries], dtype=torch.float64) for entries in parameters.values()]
    for tensor in tensors:
        tensor.requires_grad_()
    gradient = torch.autograd.grad(function(*tensors), tensors)
    return {row: entries.tolist() for row, entries in zip(parameters, gradient, strict=True)}


def torch_network(w, b, w_o, b_o, x: float):
    return (w_o * torch.relu(w * x + b)).sum() + b_o.sum()


def distance(a: Parameters, b: dict[str, list[float]]) -> float:
    """Return the largest |a − b| / max(1, |a|) over all parameters."""
    pairs = [(p, q) for row in a for p, q in zip(a[row], b[row], strict=True)]
    return max(abs(float(p) - q) / max(1.0, abs(float(p))) for p, q in pairs)


def agreement(gradient: Parameters, function, torch_function, parameters: Parameters, kinks: bool) -> dict:
    """Hold a gradient against autograd and, unless a kink is near, against exact central differences."""
    equal = None if kinks else differences(function, parameters) == gradient
    off = distance(gradient, autograd(torch_function, parameters))
    if equal is False or off > 1e-12:
        raise RuntimeError(f"the gradient is wrong: equal to central differences: {equal}, off autograd by {off}")
    return {"central_differences_equal": equal, "autograd_off_by_at_most": off}


def near_kink(parameters: Parameters, x: Fraction) -> bool:
    """Tell whether a step of one hidden parameter can bring a pre-activation to 0 or across."""
    return any(abs(z) <= STEP * max(abs(x), 1) for z in forward(parameters, x)["pre_activations"])


def by_hand(parameters: Parameters, x: Fraction) -> dict:
    """P3c and P3d: the forward and the backward pass at x with every intermediate value, and the two checks."""
    result = backward(parameters, x)
    checks = agreement(
        result["gradient"],
        lambda p: forward(p, x)["value"],
        lambda *p: torch_network(*p, float(x)),
        parameters,
        near_kink(parameters, x),
    )
    count = sum(len(entries) for entries in parameters.values())
    return {
        "x": x,
        "parameters": parameters,
        "forward": forward(parameters, x),
        "backward": result,
        "steps": worked(parameters, x),
        "partial_derivatives": count,
        "checks": checks,
    }


def tex(value: Fraction, alone: bool = True) -> str:
    """Return a number as LaTeX; inside a sum or product (not alone) a negative one is put in brackets."""
    text = str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    return text if alone or value >= 0 else f"({text})"


def worked(parameters: Parameters, x: Fraction) -> list[dict]:
    """Write both passes out, unit by unit: what is computed, and the equation with its numbers in LaTeX."""
    there, back, bias = forward(parameters, x), backward(parameters, x), parameters["output_bias"][0]
    units = [*[*parameters.values()][:3], there["pre_activations"], there["activations"]]
    units += [back["relu_slopes"], back["pre_activation_gradient"]]
    lines, returning = [], [("Output bias", r"\frac{\partial f}{\partial b_o} = 1")]
    for j, unit in enumerate(zip(*units, strict=True), start=1):
        z_bar, z, slope, delta = map(tex, unit[3:])
        w, b, w_o, *_, d = (tex(value, alone=False) for value in unit)
        at = tex(x, alone=False)
        df, z_name = r"\frac{\partial f}{\partial %s}", rf"\bar z_{{{j}}}"
        through = rf"{df % f'z_{{{j}}}'} \operatorname{{relu}}'({z_name})"
        lines += [
            (f"Pre-activation {j}", rf"{z_name} = w_{{h{j}}} x + b_{{h{j}}} = {w} \cdot {at} + {b} = {z_bar}"),
            (f"Activation {j}", rf"z_{{{j}}} = \operatorname{{relu}}({z_name}) = \max(0, {z_bar}) = {z}"),
        ]
        returning += [
            (f"Output weight {j}", rf"{df % f'w_{{o{j}}}'} = z_{{{j}}} = {z}"),
            (f"Activation {j}", rf"{df % f'z_{{{j}}}'} = w_{{o{j}}} = {tex(unit[2])}"),
            (f"Pre-activation {j}", rf"{df % z_name} = {through} = {w_o} \cdot {slope} = {delta}"),
            (
                f"Hidden weight {j}",
                rf"{df % f'w_{{h{j}}}'} = {df % z_name} \cdot x = {d} \cdot {at} = {tex(unit[-1] * x)}",
            ),
            (f"Hidden bias {j}", rf"{df % f'b_{{h{j}}}'} = {df % z_name} \cdot 1 = {delta}"),
        ]
    outputs = zip(parameters["output_weights"], there["activations"], strict=True)
    total = " + ".join([rf"{tex(w, alone=False)} \cdot {tex(z)}" for w, z in outputs] + [tex(bias, alone=False)])
    lines.append(("Output", rf"f = \sum_j w_{{oj}} z_j + b_o = {total} = {tex(there['value'])}"))
    named = {"forward": lines, "backward": returning}
    return [{"pass": name, "say": say, "latex": line} for name, pairs in named.items() for say, line in pairs]


def squared_error(parameters: Parameters) -> dict:
    """P3b on this network and a few seeded points: −2 Σ (y − f) ∇f against the two other routes."""
    draw = rational("p3b/points")
    drawn = [tuple(Fraction(int(v.p), int(v.q)) for v in (draw(), draw())) for _ in range(10 * SAMPLES)]
    smooth = [point for point in drawn if not near_kink(parameters, point[0])]
    points = (smooth or drawn)[:SAMPLES]

    def loss(p):
        return sum((y - forward(p, x)["value"]) ** 2 for x, y in points)

    def torch_loss(*p):
        return sum((float(y) - torch_network(*p, float(x))) ** 2 for x, y in points)

    gradient = {row: [Fraction(0)] * len(entries) for row, entries in parameters.items()}
    for x, y in points:
        residual, slopes = y - forward(parameters, x)["value"], backward(parameters, x)["gradient"]
        for row, entries in gradient.items():
            gradient[row] = [g - 2 * residual * slope for g, slope in zip(entries, slopes[row], strict=True)]
    checks = agreement(gradient, loss, torch_loss, parameters, kinks=not smooth)
    return {"points": points, "loss": loss(parameters), "gradient": gradient, "checks": checks}


def main():
    parser = argparse.ArgumentParser(description="Differentiate P3's network by hand and prove M2's and M5's formulas.")
    parser.add_argument("--network", required=True, help="YAML: x and the parameters of P3c's network")
    parser.add_argument("--output", required=True, help="JSON: problems, hand calculation, squared error")
    options = parser.parse_args()
    parameters, x = read_network(options.network)
    names = [name for name in PROBLEMS if name.startswith(("p3", "sigmoid", "softmax", "m5"))]
    content = {
        "problems": {name: record(PROBLEMS[name]) for name in names},
        "network": by_hand(parameters, x),
        "squared_error": squared_error(parameters),
    }
    write_json(options.output, plain(content))


if __name__ == "__main__":
    run(main)

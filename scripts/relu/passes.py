"""A given ReLU network, run forward and back at one input by hand: every intermediate value, and the checks of it.

The network is f(x) = Σ_j w_oj z_j + b_o with z_j = relu(z̄_j), z̄_j = w_hj x + b_hj. By the chain rule, with
relu'(z̄) = 1 for z̄ > 0 and 0 otherwise (at 0, where relu has no derivative, 0 is the declared rule),

    ∂f/∂w_oj = z_j      ∂f/∂b_o = 1      ∂f/∂z_j = w_oj      ∂f/∂z̄_j = w_oj relu'(z̄_j)
    ∂f/∂w_hj = w_oj relu'(z̄_j) x        ∂f/∂b_hj = w_oj relu'(z̄_j)

All in Fractions. Away from kinks f is linear in each single parameter and the squared error is quadratic in it, so
their central differences are exact too, and must be *equal* to the formulas; autograd has to agree in float64.
"""

import argparse
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import torch

from scripts.relu.network import ROWS, Network, Point, read_network
from scripts.shared.exact import plain
from scripts.shared.seeds import stream
from scripts.shared.step import run, write_json

STEP = Fraction(1, 1000)
SAMPLES = 6  # seeded points for the squared error
Parameters = dict[str, list[Fraction]]  # by row, or their gradient; the output bias is a list of one


def parameters_of(network: Network) -> Parameters:
    """Return the parameters of a network, row by row."""
    return {row: list(getattr(network, row)) for row in ROWS} | {"output_bias": [network.output_bias]}


def backward(network: Network, x: Fraction) -> dict:
    """Return ∂f/∂z, relu'(z̄), ∂f/∂z̄ and, under `gradient`, ∂f/∂(every parameter), shaped as the parameters."""
    trace = network.trace(x)
    slopes = [Fraction(z > 0) for z in trace.pre_activations]
    deltas = [w * slope for w, slope in zip(network.output_weights, slopes, strict=True)]
    return {
        "activation_gradient": list(network.output_weights),
        "relu_slopes": slopes,
        "pre_activation_gradient": deltas,
        "gradient": {
            "hidden_weights": [delta * x for delta in deltas],
            "hidden_biases": deltas,
            "output_weights": list(trace.activations),
            "output_bias": [Fraction(1)],
        },
    }


def differences(function: Callable[[Network], Fraction], network: Network) -> Parameters:
    """Return (function(p + h) − function(p − h)) / 2h for every parameter p; exact where function is quadratic in p."""

    def moved(row: str, j: int, step: Fraction) -> Network:
        if row == "output_bias":
            return replace(network, output_bias=network.output_bias + step)
        return replace(network, **{row: tuple(p + step * (i == j) for i, p in enumerate(getattr(network, row)))})

    return {
        row: [
            (function(moved(row, j, STEP)) - function(moved(row, j, -STEP))) / (2 * STEP) for j in range(len(entries))
        ]
        for row, entries in parameters_of(network).items()
    }


def autograd(function: Callable, network: Network) -> dict[str, list[float]]:
    """Return PyTorch's gradient of function(hidden weights, hidden biases, output weights, output bias) in float64."""
    parameters = parameters_of(network)
    tensors = [torch.tensor([float(p) for p in entries], dtype=torch.float64) for entries in parameters.values()]
    for tensor in tensors:
        tensor.requires_grad_()
    gradient = torch.autograd.grad(function(*tensors), tensors)
    return {row: entries.tolist() for row, entries in zip(parameters, gradient, strict=True)}


def torch_network(w: torch.Tensor, b: torch.Tensor, w_o: torch.Tensor, b_o: torch.Tensor, x: float) -> torch.Tensor:
    """Return the network's value in float64, for autograd: a second opinion that shares nothing with Network."""
    return (w_o * torch.relu(w * x + b)).sum() + b_o.sum()


def sizes(network: Network, x: Fraction) -> list[Fraction]:
    """Return |w_hj x| + |b_hj| of every unit: rounding in its pre-activation is in proportion to that."""
    return [abs(w * x) + abs(b) for w, b in zip(network.hidden_weights, network.hidden_biases, strict=True)]


def distance(a: Parameters, b: dict[str, list[float]], scale: Fraction) -> float:
    """Return the largest |a − b| / max(1, scale, |a|) over all parameters."""
    pairs = [(p, q) for row in a for p, q in zip(a[row], b[row], strict=True)]
    return max(abs(float(p) - q) / max(1.0, float(scale), abs(float(p))) for p, q in pairs)


def agreement(
    gradient: Parameters, function: Callable, torch_function: Callable, network: Network, kinks: bool, scale: Fraction
) -> dict:
    """Hold a gradient against autograd and, unless a kink is near, against exact central differences.

    scale: of what is summed up on the way, to which rounding is in proportion. Raises RuntimeError if they differ.
    """
    equal = None if kinks else differences(function, network) == gradient
    off = distance(gradient, autograd(torch_function, network), scale)
    if equal is False or off > 1e-12:
        raise RuntimeError(f"the gradient is wrong: equal to central differences: {equal}, off autograd by {off}")
    return {"central_differences_equal": equal, "autograd_off_by_at_most": off}


def near_kink(network: Network, x: Fraction) -> bool:
    """Tell whether a step of one hidden parameter can bring a pre-activation to 0 or across."""
    return any(abs(z) <= STEP * max(abs(x), 1) for z in network.trace(x).pre_activations)


def by_hand(network: Network, x: Fraction) -> dict:
    """Return the forward and the backward pass at x with every intermediate value, and the two checks."""
    result, parameters = backward(network, x), parameters_of(network)
    checks = agreement(
        result["gradient"],
        lambda moved: moved(x),
        lambda *p: torch_network(*p, float(x)),
        network,
        near_kink(network, x),
        max(sizes(network, x), default=Fraction(0)),
    )
    return {
        "x": x,
        "parameters": parameters,
        "forward": vars(network.trace(x)),
        "backward": result,
        "steps": worked(network, x),
        "partial_derivatives": sum(len(entries) for entries in parameters.values()),
        "checks": checks,
    }


def tex(value: Fraction, alone: bool = True) -> str:
    """Return a number as LaTeX; inside a sum or product (not alone) a negative one is put in brackets."""
    text = str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    return text if alone or value >= 0 else f"({text})"


def worked(network: Network, x: Fraction) -> list[dict]:
    """Write both passes out, unit by unit: what is computed, and the equation with its numbers in LaTeX."""
    there, back = network.trace(x), backward(network, x)
    units = [*(getattr(network, row) for row in ROWS), there.pre_activations, there.activations]
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
    outputs = zip(network.output_weights, there.activations, strict=True)
    terms = [rf"{tex(w, alone=False)} \cdot {tex(z)}" for w, z in outputs]
    total = " + ".join([*terms, tex(network.output_bias, alone=False)])
    lines.append(("Output", rf"f = \sum_j w_{{oj}} z_j + b_o = {total} = {tex(there.value)}"))
    named = {"forward": lines, "backward": returning}
    return [{"pass": name, "say": say, "latex": line} for name, pairs in named.items() for say, line in pairs]


def squared_error(network: Network) -> dict:
    """Differentiate Σ (y − f(x))² over a few seeded points: −2 Σ (y − f) ∇f, against the two other routes."""
    draw = random.Random(stream(0, "relu/squared error"))
    drawn = [(_rational(draw), _rational(draw)) for _ in range(10 * SAMPLES)]
    smooth = [point for point in drawn if not near_kink(network, point[0])]
    points: list[Point] = (smooth or drawn)[:SAMPLES]

    def loss(moved: Network) -> Fraction:
        return sum((y - moved(x)) ** 2 for x, y in points)

    def torch_loss(*p: torch.Tensor) -> torch.Tensor:
        return sum((float(y) - torch_network(*p, float(x))) ** 2 for x, y in points)

    gradient = {row: [Fraction(0)] * len(entries) for row, entries in parameters_of(network).items()}
    scale = Fraction(0)
    for x, y in points:
        residual, slopes = y - network(x), backward(network, x)["gradient"]
        for row, entries in gradient.items():
            gradient[row] = [g - 2 * residual * slope for g, slope in zip(entries, slopes[row], strict=True)]
        unit = sizes(network, x)
        value = sum(abs(w) * size for w, size in zip(network.output_weights, unit, strict=True))
        steepest = max(abs(p) for entries in slopes.values() for p in entries)
        scale += 2 * (value + abs(network.output_bias) + abs(y)) * max(steepest, *unit)
    checks = agreement(gradient, loss, torch_loss, network, not smooth, scale)
    return {"points": points, "loss": loss(network), "gradient": gradient, "checks": checks}


def _rational(draw: random.Random) -> Fraction:
    return Fraction(draw.randint(-20, 20), draw.randint(3, 9))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", required=True, help="YAML: x and the parameters of the network")
    parser.add_argument("--output", required=True, help="JSON: both passes, every step, the checks, the squared error")
    args = parser.parse_args()
    network, x = read_network(args.network)
    write_json(args.output, plain(by_hand(network, x) | {"squared_error": squared_error(network)}))


if __name__ == "__main__":
    run(main)

"""A given network run forward or back: values like any others, which stand in the result of scripts.relu.passes.

spec: `network`, the set's file that describes it; `part`, "forward" or "backward".
"""

from pathlib import PurePath

from scripts.verdicts.finding import Finding
from scripts.verdicts.kinds import fit, value
from scripts.verdicts.results import Results

PARTS = {
    "forward": {
        "pre_activations": "forward.pre_activations",
        "activations": "forward.activations",
        "f": "forward.value",
    },
    "backward": {
        "w_o": "backward.gradient.output_weights",
        "b_o": "backward.gradient.output_bias.0",
        "w_h": "backward.gradient.hidden_weights",
        "b_h": "backward.gradient.hidden_biases",
    },
}
BESIDE = {  # words that may stand beside the parts' names
    "forward": ("hidden", *fit.BESIDE),
    "backward": ("gradient", "grad", "partial", "derivative", "layer", "respect", "to", "f"),
}


def check(stated: object, spec: dict, results: Results, alpha: float) -> Finding:
    """Compare what is stated of a pass with the recomputed values, exactly or to their printed digits."""
    return value.check(stated, as_value(spec, results), results, alpha)


def as_value(spec: dict, results: Results) -> dict:
    """Return the claim as one of kind "value": with a pointer to each part, and what else it may be called."""
    file, part = f"relu/{PurePath(spec['network']).stem}.json", spec["part"]
    x = results[f"{file}#x"]
    also = {"f": ["output", f"f({x})", f"f(x={x})"]} if part == "forward" else fit.ALSO
    return spec | {
        "computed": {name: f"{file}#{key}" for name, key in PARTS[part].items()},
        "also": also | spec.get("also", {}),
        "beside": (*BESIDE[part], *spec.get("beside", ())),
    }

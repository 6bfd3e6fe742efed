"""Figures of sweeps of any size, with all runs diverged, and with a single one."""

from math import nan
from xml.etree import ElementTree

import pytest
from stand_in import StandIn

from scripts.report.plots.figures import draw, swept
from scripts.sweeps.compare import compared
from scripts.sweeps.runs import combinations, run_name

VALUES = {"hidden": [[3, 2]], "learning_rate": [0.1, 1.0], "epochs": [2], "pixels": ["raw"], "seed": [1, 2]}


def course(run: dict, diverges: bool = False) -> list[dict]:
    """Return an invented history; accuracies fall with the rate."""
    hits = [10, *(int(90 / (1 + run["learning_rate"])) + epoch + run["seed"] for epoch in range(run["epochs"]))]
    return [
        {"epoch": epoch, "test_loss": nan if diverges and epoch else 2.5 / (1 + epoch), "correct": correct,
         "count": 100, "accuracy": correct / 100}
        for epoch, correct in enumerate(hits)
    ]  # fmt: skip


def tables(diverge: bool = False, **values: list) -> dict[str, object]:
    """Return the results of a sweep, as they are read from files."""
    values = VALUES | values
    runs, curves, settings = compared(values, {run_name(run): course(run, diverge) for run in combinations(values)})
    for row in [*runs, *curves]:
        row |= {key: "" for key, value in row.items() if value is None}
        row |= {key: float(row[key]) for key in ("learning_rate", "epochs") if key in row}
    return {f"sweeps/mnist/{name}": content for name, content in
            (("runs.csv", runs), ("curves.csv", curves), ("settings.json", settings))}  # fmt: skip


def figures(results: dict) -> dict[str, str]:
    """Draw all there are."""
    results = StandIn(results)
    found = swept({"mnist": results["sweeps/mnist/settings.json#values"]})
    return {name: draw(name, figure, results) for name, figure in found.items()}


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ({}, ["curves", "values"]),
        ({"epochs": [1, 3]}, ["curves", "values"]),
        ({"learning_rate": [0.1]}, ["curves"]),
        ({"learning_rate": [0.1], "seed": [1]}, ["curves"]),
        ({"learning_rate": [0.1], "epochs": [1, 2, 3]}, ["curves", "values"]),
        ({"diverge": True}, ["curves", "values"]),
        ({"diverge": True, "learning_rate": [0.1]}, ["curves"]),
    ],
)
def test_there_is_a_drawing_of_every_sweep(values, drawn):
    found = figures(tables(**values))
    assert list(found) == [f"sweep-mnist-{kind}" for kind in drawn]
    for svg in found.values():
        assert ElementTree.fromstring(svg).get("role") == "img" and "nan" not in svg.lower()


def test_the_best_are_in_colour_and_named():
    found = figures(tables(learning_rate=[9.0, 0.1, 0.2, 0.3, 0.4, 0.5, 8.0]))["sweep-mnist-curves"]
    texts = [element.text for element in ElementTree.fromstring(found).iter() if element.tag.endswith("}text")]
    assert {"0.1", "0.2", "0.3", "0.4", "0.5"} <= set(texts) and not {"8", "9"} & set(texts)


def test_many_settings_are_no_more_elements_than_few():
    rates = [0.01 * k for k in range(1, 500)]
    few, many = (figures(tables(learning_rate=rates[:n], pixels=["raw", "scaled"])) for n in (10, 500))
    for name in few:
        assert many[name].count("<") < few[name].count("<") + 60
        assert len(many[name]) < 100_000


@pytest.mark.parametrize("values", [{"diverge": True}, {"diverge": True, "learning_rate": [0.1]}])
def test_axes_of_what_diverged_are_possible(values):
    found = figures(tables(**values))
    for name, svg in found.items():
        texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text")]
        assert not [text for text in texts if text.startswith("\N{MINUS SIGN}")], name
    assert ">2</text>" in found["sweep-mnist-curves"]  # epochs


def test_no_loss_and_no_accuracy_leave_whole_axes():
    results = tables(diverge=True)
    for row in results["sweeps/mnist/curves.csv"]:
        row |= {key: "" for key in row if key not in ("setting", "epoch")}
    for svg in figures(results).values():
        texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text")]
        assert {"0.0", "1.0"} <= set(texts) and not any(text.startswith("\N{MINUS SIGN}") for text in texts)

"""Comparisons of invented histories."""

import json
import sys
from math import inf, nan, sqrt

import pytest

from scripts.shared.step import Failure, read_json, write_csv
from scripts.sweeps.compare import compared, main, read_values
from scripts.sweeps.runs import combinations, digest, run_name

VALUES = {"hidden": [[3, 2]], "learning_rate": [0.1, 1.0, 10.0], "epochs": [1], "seed": [1, 2]}
HITS = {0.1: (50, 52), 1.0: (70, 74), 10.0: (90, 10)}


def course(*rows: tuple[float, int]) -> list[dict]:
    """Return a history of these test losses and hits out of 100."""
    return [
        {"epoch": epoch, "train_loss": 2.0 if epoch else None, "test_loss": loss, "correct": hits, "count": 100,
         "accuracy": hits / 100}
        for epoch, (loss, hits) in enumerate(rows)
    ]  # fmt: skip


@pytest.fixture
def histories() -> dict[str, list[dict]]:
    """Of the last rate's seeds one ends in a network of NaN, which seems to take all images for the first class."""
    return {
        run_name(run): course((2.5, 10), (nan if hits == 10 else 1.5, hits))
        for run in combinations(VALUES)
        for hits in [HITS[run["learning_rate"]][run["seed"] - 1]]
    }


def test_settings_are_summed_up_over_their_seeds(histories):
    runs, curves, found = compared(VALUES, histories)
    assert [row["learning_rate"] for row in runs] == ["0.1", "0.1", "1.0", "1.0", "10.0", "10.0"]
    assert {key: runs[0][key] for key in ("hidden", "seed", "train_loss", "test_loss", "correct", "best_epoch")} == {
        "hidden": "3-2", "seed": "1", "train_loss": 2.0, "test_loss": 1.5, "correct": 50, "best_epoch": 1,
    }  # fmt: skip
    assert (found["varied"], found["values"]) == (["learning_rate"], VALUES)
    assert found["settings"][1] == {
        "values": {"learning_rate": 1.0},
        "runs": 2,
        "diverged": 0,
        "accuracy": {"mean": 0.72, "sd": pytest.approx(0.04 / sqrt(2)), "least": 0.7, "most": 0.74},
        "loss": {"mean": 1.5, "sd": 0.0, "least": 1.5, "most": 1.5},
    }
    assert [row["accuracy_mean"] for row in curves if row["epoch"] == 1] == pytest.approx([0.51, 0.72, 0.9])
    assert [row["loss_mean"] for row in curves if row["epoch"] == 0] == [2.5] * 3


def test_what_diverged_has_no_accuracy_and_is_no_best(histories):
    runs, _, found = compared(VALUES, histories)
    last = runs[-1]
    assert [last[key] for key in ("test_loss", "correct", "accuracy", "best_epoch", "diverged")] == [
        None,
        None,
        None,
        0,
        1,
    ]
    assert found["settings"][2]["diverged"] == found["diverged"] == 1
    assert found["settings"][2]["accuracy"] == {"mean": 0.9, "sd": None, "least": 0.9, "most": 0.9}
    assert found["ranking"] == [1, 0]
    assert found["lead"] == {
        "difference": pytest.approx(0.21), "standard_error": pytest.approx(sqrt((0.04**2 + 0.02**2) / 2 / 2)),
    }  # fmt: skip
    for history in histories.values():
        history[-1]["test_loss"] = nan
    found = compared(VALUES, histories)[2]
    assert (found["ranking"], found["lead"], found["settings"][0]["accuracy"]["mean"]) == ([], None, None)


def test_a_loss_that_is_infinite_is_no_divergence(histories):
    """One image whose class got probability zero makes it so; the others are classified as before."""
    histories[next(iter(histories))][-1]["test_loss"] = inf
    runs, _, found = compared(VALUES, histories)
    assert (runs[0]["test_loss"], runs[0]["correct"], runs[0]["diverged"]) == (None, 50, 0)
    assert (found["settings"][0]["accuracy"]["mean"], found["settings"][0]["loss"]["mean"]) == (0.51, None)


def test_equal_hits_are_equal_means(histories):
    """The mean of 0.57 and 0.06, as floats, is not that of 0.56 and 0.07."""
    for run, hits in zip(histories.values(), (57, 6, 56, 7, 10, 20), strict=True):
        run[-1] |= {"test_loss": 1.5, "correct": hits, "accuracy": hits / 100}
    found = compared(VALUES, histories)[2]
    assert found["best"] == [0, 1] and found["lead"]["difference"] == 0


@pytest.mark.parametrize("text", ["nope", "[1]", "{}", '{"seed": 1}', '{"seed": []}', '{"epochs": [1]}',
                                  '{"learning_rate": [NaN], "seed": [1]}'])  # fmt: skip
def test_values_that_mean_nothing_are_one_line(text):
    with pytest.raises(Failure, match=r"^--values: .*$"):
        read_values(text)


def test_the_command_reads_only_the_runs_it_is_told(histories, tmp_path, monkeypatch):
    for run, rows in histories.items():
        write_csv(tmp_path / run / "history.csv", rows)
    (tmp_path / "seed-9_old").mkdir()
    files = {kind: tmp_path / f"{kind}" for kind in ("runs", "curves", "settings")}
    words = ["compare", "--values", json.dumps(VALUES), "--folder", str(tmp_path)]
    monkeypatch.setattr(
        sys, "argv", [*words, *(word for kind, file in files.items() for word in (f"--{kind}", str(file)))]
    )
    main()
    expected = compared(VALUES, histories)[2] | {"histories_sha256": digest(tmp_path, VALUES)}
    assert read_json(files["settings"]) == json.loads(json.dumps(expected))
    assert "nan" not in "".join(file.read_text() for file in files.values()).lower()
    (tmp_path / run_name(combinations(VALUES)[0]) / "history.csv").unlink()
    with pytest.raises(Failure, match=r"history\.csv is missing"):
        main()

"""Compare the runs of a sweep: a table of all, and what the runs of each setting, which differ in their seeds, have in
common.

A run whose test loss is no number in the end has diverged: its network predicts nothing, so it has no accuracy. Means
and standard deviations are over the others. The best setting is the one with the highest mean accuracy, of those in
which no run diverged.

runs.csv      a row per run: hyperparameters, losses (nats) and hits after the last epoch, the epoch with most hits
curves.csv    a row per setting and epoch: test accuracy and test loss over its runs
settings.json what was swept, and by setting: runs, mean, standard deviation and extremes; a digest of all histories
"""

import argparse
import json
from collections.abc import Iterable
from math import isfinite, isnan, sqrt
from pathlib import Path
from statistics import fmean, stdev

from scripts.shared.step import Failure, read_csv, reading, run, write_csv, write_json
from scripts.sweeps.runs import combinations, digest, run_name, written


def history(path: Path) -> list[dict]:
    """Return the rows of a run's history, one per epoch from 0 on, all numbers as floats; None where nothing stands."""
    if not path.is_file():
        raise Failure(f"{path} is missing; train that run first, by the workflow")
    with reading(path):
        return [{key: float(text) if text else None for key, text in row.items()} for row in read_csv(path)]


def accuracy(row: dict) -> float | None:
    """Return the share of test images classified right; None for a network that predicts nothing."""
    return None if isnan(row["test_loss"]) else row["accuracy"]


def finite(value: float | None) -> float | None:
    """Return a number that a file can hold: None for what is infinite or no number."""
    return value if value is not None and isfinite(value) else None


def summed_up(rows: list[dict]) -> dict:
    """Return a run's results from its history."""
    last, judged = rows[-1], [row for row in rows if accuracy(row) is not None]
    return {
        **({"train_loss": finite(last["train_loss"])} if "train_loss" in last else {}),
        "test_loss": finite(last["test_loss"]),
        "correct": None if accuracy(last) is None else int(last["correct"]),
        "accuracy": accuracy(last),
        "best_epoch": int(max(judged, key=lambda row: row["correct"])["epoch"]) if judged else None,
        "diverged": int(accuracy(last) is None),
    }


def spread(values: Iterable[float]) -> dict:
    """Return mean, standard deviation and extremes; None for what no value, or a single one, cannot tell."""
    known = list(values)
    return {
        "mean": fmean(known) if known else None,
        "sd": stdev(known) if len(known) > 1 else None,
        "least": min(known, default=None),
        "most": max(known, default=None),
    }


def over(rows: Iterable[dict]) -> dict:
    """Return the spread of accuracies and test losses at one epoch of several runs, those left out that diverged.

    The mean accuracy is all hits by all images, so that equal ones are equal to the last place. If one loss is
    infinite, as it is when one image's class gets probability zero, the losses have no mean.
    """
    sound = [row for row in rows if accuracy(row) is not None]
    losses = [row["test_loss"] for row in sound]
    share = {"mean": sum(row["correct"] for row in sound) / sum(row["count"] for row in sound)} if sound else {}
    return {
        "accuracy": spread(row["accuracy"] for row in sound) | share,
        "loss": spread(losses if all(map(isfinite, losses)) else []),
    }


def curves(setting: int, histories: list[list[dict]]) -> list[dict]:
    """Return a row per epoch over the runs of one setting."""
    table = []
    for rows in zip(*histories, strict=True):
        found = over(rows)
        table.append(
            {"setting": setting, "epoch": int(rows[0]["epoch"])}
            | {f"{what}_{key}": found[what][key] for what in found for key in ("mean", "least", "most")}
        )
    return table


def lead(first: dict, second: dict) -> dict:
    """Return how far the first setting's mean accuracy lies above the second's, and the standard error of that."""
    (a, n), (b, m) = ((setting["accuracy"], setting["runs"]) for setting in (first, second))
    known = a["sd"] is not None and b["sd"] is not None
    return {
        "difference": a["mean"] - b["mean"],
        "standard_error": sqrt(a["sd"] ** 2 / n + b["sd"] ** 2 / m) if known else None,
    }


def compared(values: dict[str, list], histories: dict[str, list[dict]]) -> tuple[list[dict], list[dict], dict]:
    """Return the three tables of a sweep over `values`, from the histories of its runs by their names."""
    varied = [key for key, listed in values.items() if len(listed) > 1 and key != "seed"]
    table, drawn, settings = [], [], []
    for index, setting in enumerate(combinations({key: listed for key, listed in values.items() if key != "seed"})):
        runs = [setting | {"seed": seed} for seed in values["seed"]]
        found = [histories[run_name(one)] for one in runs]
        rows = [summed_up(one) for one in found]
        drawn += curves(index, found)
        table += [
            {"setting": index} | {key: written(one[key]) for key in values} | row
            for one, row in zip(runs, rows, strict=True)
        ]
        settings.append(
            {
                "values": {key: setting[key] for key in varied},
                "runs": len(rows),
                "diverged": sum(row["diverged"] for row in rows),
                **over(one[-1] for one in found),
            }
        )
    sound = [index for index, setting in enumerate(settings) if not setting["diverged"]]
    ranking = sorted(sound, key=lambda index: -settings[index]["accuracy"]["mean"])
    return table, drawn, {
        "values": values,
        "varied": varied,
        "runs": len(table),
        "diverged": sum(setting["diverged"] for setting in settings),
        "images": int(next(iter(histories.values()))[0]["count"]),
        "settings": settings,
        "ranking": ranking,
        "best": [i for i in ranking if settings[i]["accuracy"]["mean"] == settings[ranking[0]]["accuracy"]["mean"]],
        "lead": lead(*(settings[index] for index in ranking[:2])) if len(ranking) > 1 else None,
    }  # fmt: skip


def read_values(text: str) -> dict[str, list]:
    """Return what --values says."""
    try:
        values = json.loads(text)
        json.dumps(values, allow_nan=False)
    except ValueError:
        values = None
    lists = list(values.values()) if isinstance(values, dict) and "seed" in values else [None]
    if not all(isinstance(one, list) and one for one in lists):
        raise Failure('--values: give JSON with a list for each hyperparameter, as {"epochs": [1, 2], "seed": [1]}')
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", required=True, help="what is swept: JSON, a list for each hyperparameter")
    parser.add_argument("--folder", required=True, help="where each run has a folder, by its name, with history.csv")
    parser.add_argument("--runs", required=True, help="CSV to write")
    parser.add_argument("--curves", required=True, help="CSV to write")
    parser.add_argument("--settings", required=True, help="JSON to write")
    args = parser.parse_args()
    values = read_values(args.values)
    # By their names out of the values: as words of a command, thousands of files would be too many.
    names = map(run_name, combinations(values))
    histories = {one: history(Path(args.folder, one, "history.csv")) for one in names}
    runs, drawn, settings = compared(values, histories)
    write_csv(args.runs, runs)
    write_csv(args.curves, drawn)
    write_json(args.settings, settings | {"histories_sha256": digest(args.folder, values)})
    print(f"{len(runs)} runs of {len(settings['settings'])} settings, {settings['diverged']} diverged")


if __name__ == "__main__":
    run(main)

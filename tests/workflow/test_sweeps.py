"""A sweep runs what is new, beside the verdicts and without a mark on them; its runs are those of the reference."""

import csv
import json
import math
import re

import pytest
import yaml
from project import RESULTS, SET, SWEEP, copy

from scripts.report.verify import differences
from scripts.sweeps.read import MOST


def table(project, name: str) -> list[dict]:
    with open(project.folder / RESULTS / name, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def sweep(project, **changes: dict) -> None:
    """Let the project sweep over other values."""
    config = project.config()
    project.write_config(
        config | {"sweep": {name: config["sweep"].get(name, {}) | new for name, new in changes.items()}}
    )


def test_twelve_runs_are_twelve_jobs(copied):
    sweep(copied, mnist=SWEEP["mnist"])
    assert copied.jobs() == {"sweep_mnist": 12, "compare_sweep": 1, "write_report": 1}
    copied.write_config(copied.config() | {"sweep": {}})
    assert copied.jobs() == {}
    asked = copied.jobs("--config", f"sweep={json.dumps({'mnist': SWEEP['mnist']})}")
    assert asked == {"sweep_mnist": 12, "compare_sweep": 1, "write_report": 1}


def test_another_value_runs_only_what_is_new(swept_copy):
    assert swept_copy.jobs() == {}
    seeds, others = [*SWEEP["mnist"]["seed"], 4], {"fashion_mnist": {}}
    sweep(swept_copy, mnist={"seed": seeds}, **others)
    assert swept_copy.jobs() == {"sweep_mnist": 3, "compare_sweep": 1, "write_report": 1}
    sweep(swept_copy, mnist={"seed": SWEEP["mnist"]["seed"], "epochs": [2, 3]}, **others)
    assert swept_copy.jobs() == {"sweep_mnist": 12, "compare_sweep": 1, "write_report": 1}
    sweep(swept_copy, mnist={"seed": 1, "epochs": 2, "learning_rate": [3e-3, 0.3]}, **others)
    assert swept_copy.jobs() == {"compare_sweep": 1, "write_report": 1}


def test_one_job_at_a_time_makes_the_same_bytes_and_the_verdicts_stay(finished, swept, tmp_path):
    other = copy(finished, tmp_path)
    other.write_config(swept.config())
    other.snakemake("--cores", "1")
    after = swept.digests()
    assert other.digests() == after
    own = (f"{RESULTS}/sweeps/", f"{RESULTS}/report/drawn/sweep-")
    kept = {name: digest for name, digest in after.items() if not any(part in name for part in own)}
    before = finished.digests()
    assert {name for name in before if before[name] != kept[name]} == {f"{RESULTS}/report.html"}
    assert kept.keys() == before.keys()


def test_without_a_sweep_the_report_is_as_ever(finished, swept_copy):
    swept_copy.write_config(swept_copy.config() | {"sweep": {}})
    swept_copy.snakemake("--cores", "4")
    ours, theirs = (project.folder / RESULTS / "report.html" for project in (swept_copy, finished))
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_run_with_the_settings_of_the_reference_has_its_numbers(swept):
    widths = {name: "-".join(map(str, given["hidden"])) for name, given in swept.config()["what_if"].items()}
    run = f"seed-80085_hidden-{widths['mnist']}_learning_rate-0.003_epochs-2_pixels-raw"
    history = swept.folder / RESULTS / f"sweeps/mnist/{run}/history.csv"
    assert history.read_bytes() == (swept.folder / RESULTS / "mnist/history.csv").read_bytes()

    run = f"seed-1_hidden-{widths['fashion_mnist']}_batch_size-64_learning_rate-0.01_epochs-2_pixels-scaled"
    course = table(swept, f"sweeps/fashion_mnist/{run}/history.csv")
    history = table(swept, "fashion_mnist/runs/0/history.csv")
    evaluation = json.loads((swept.folder / RESULTS / "fashion_mnist/evaluation.json").read_text())
    assert [row["train_loss"] for row in course] == ["", *(row["train_mean"] for row in history)]
    assert int(course[-1]["correct"]) == evaluation["correct"]
    assert float(course[-1]["test_loss"]) == pytest.approx(evaluation["loss"], rel=1e-6)


def test_what_diverges_is_said_and_stops_nothing(swept):
    found = json.loads((swept.folder / RESULTS / "sweeps/fashion_mnist/settings.json").read_text())
    [setting] = [
        one
        for one in found["settings"]
        if one["values"] == {"hidden": [32] * 5, "learning_rate": 10.0, "pixels": "raw"}
    ]
    assert (setting["diverged"], setting["accuracy"]["mean"]) == (1, None)
    run = next(
        path for path in (swept.folder / RESULTS / "sweeps/fashion_mnist").glob("*hidden-32-*rate-10.0_*pixels-raw")
    )
    rows = table(swept, f"sweeps/fashion_mnist/{run.name}/history.csv")
    assert math.isnan(float(rows[-1]["test_loss"]))
    page = (swept.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    assert re.search(r"of them diverged", page)


def test_every_number_of_the_comparison_can_be_checked(swept):
    page = (swept.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    part = page.partition('<section id="sweeps"')[2].partition('<section id="manifest"')[0]
    assert part.count("settings.json#settings.") > 30 and part.count('data-p="sweeps/mnist/runs.csv#') > 50
    assert differences(page, f"{swept.folder}/{RESULTS}")[1] == []
    path = swept.folder / RESULTS / "sweeps/mnist/runs.csv"
    right = path.read_text()
    try:
        path.write_text(right.replace("0.003", "0.004", 1))
        assert len(differences(page, f"{swept.folder}/{RESULTS}")[1]) == 2  # the file and the number
    finally:
        path.write_text(right)


def test_the_files_of_the_runs_can_be_checked(swept_copy):
    results = swept_copy.folder / RESULTS
    page = (results / "report.html").read_text(encoding="utf-8")
    for experiment, change in (
        ("mnist", lambda path: path.write_text("")),
        ("fashion_mnist", lambda path: path.unlink()),
    ):
        assert differences(page, str(results))[1] == []
        path = next(path for path in (results / "sweeps" / experiment).glob("*/history.csv"))
        before = path.read_text(encoding="utf-8")
        change(path)
        [line] = differences(page, str(results))[1]
        assert line.startswith(f"sweeps/{experiment}: the histories of its runs are not")
        path.write_text(before, encoding="utf-8")


def test_of_several_sets_the_overview_shows_it(swept_copy):
    own = yaml.safe_load((swept_copy.folder / f"problem_sets/{SET}/answers/document.yaml").read_text(encoding="utf-8"))
    (swept_copy.folder / "own").mkdir()
    for name in ("a", "b"):
        (swept_copy.folder / f"own/{name}.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    swept_copy.write_config(swept_copy.config() | {"answers": "own"})
    swept_copy.snakemake("--cores", "4")
    pages = [swept_copy.folder / RESULTS / name for name in ("report.html", "reports/a.html", "reports/b.html")]
    assert ['<section id="sweeps"' in page.read_text(encoding="utf-8") for page in pages] == [True, False, False]
    assert differences(pages[0].read_text(encoding="utf-8"), f"{swept_copy.folder}/{RESULTS}")[1] == []


def test_commands_of_many_runs_are_short(copied):
    sweep(copied, mnist={"seed": list(range(MOST // 10)), "epochs": [1, 2, 3]})
    plan = copied.snakemake("--dry-run", "--printshellcmds").stdout
    commands = re.findall(r"-m (scripts\.\S+) (.*)", plan)
    assert {name for name, _ in commands} == {
        "scripts.mnist.train",
        "scripts.sweeps.compare",
        "scripts.report.page.render",
    }
    assert len(commands) == 3 * MOST // 10 + 2
    assert max(len(command) for _, command in commands) < 30_000

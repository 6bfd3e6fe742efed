"""The chapter on sweeps of any size and outcome: what it says follows the results, and every number of it is theirs."""

import re

import pytest
from project import RESULTS
from report.again import rerender
from report.plots.test_sweeps import VALUES, course

from scripts.report.verify import differences
from scripts.shared.step import write_csv, write_json
from scripts.sweeps.compare import compared
from scripts.sweeps.runs import combinations, run_name

MANY = {"learning_rate": [0.01 * k for k in range(1, 400)], "pixels": ["raw", "scaled"]}
ONE = {"seed": [1], "pixels": ["raw", "scaled"]}


@pytest.mark.parametrize(
    ("values", "diverge", "there", "absent"),
    [
        ({}, lambda run: False, "standard error", "diverged"),
        ({"learning_rate": [0.1]}, lambda run: False, "as above", "The best setting"),
        ({"seed": [1]}, lambda run: False, "with a seed each", "standard error"),
        (MANY, lambda run: False, "as many as there is room for", "diverged"),
        ({}, lambda run: True, "4 of them diverged", "The best setting"),
        ({}, lambda run: run["learning_rate"] < 1 and run["seed"] == 2, "(1 diverged)", "The best setting"),
        (ONE, lambda run: run["learning_rate"] > 0.5, "have the same mean", "lies"),
    ],
)
def test_words_follow_the_results(swept_copy, values, diverge, there, absent):
    values, folder = VALUES | values, swept_copy.folder / RESULTS / "sweeps/mnist"
    histories = {run_name(run): course(run, diverge(run)) for run in combinations(values)}
    runs, curves, settings = compared(values, histories)
    write_csv(folder / "runs.csv", runs)
    write_csv(folder / "curves.csv", curves)
    write_json(folder / "settings.json", settings)
    done = rerender(swept_copy.folder)
    assert done.returncode == 0, done.stderr
    page = (swept_copy.folder / "again/report.html").read_text(encoding="utf-8")
    part = page.partition('<section class="item" id="sweep-mnist"')[2].partition("</section>")[0]
    text = " ".join(re.sub(r"<[^>]*>", "", part).split())
    assert there in text and absent not in text
    assert part.count("<") - part.count("</") < 1_200
    assert differences(page, f"{swept_copy.folder}/{RESULTS}")[1] == []

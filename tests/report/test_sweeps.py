"""The chapter on sweeps of any size and outcome: what it says follows the results, and every number of it is theirs."""

import json
import re
import sys
from math import inf

import pytest
from project import RESULTS
from report.again import rerender
from report.plots.test_sweeps import VALUES, course

from scripts.report.verify import differences
from scripts.shared.step import write_csv
from scripts.sweeps.compare import main
from scripts.sweeps.runs import combinations, run_name

RATES = [0.01 * k for k in range(1, 30)]
MANY = {"learning_rate": [0.01 * k for k in range(1, 400)], "pixels": ["raw", "scaled"]}
ONE = {"learning_rate": [0.1], "seed": [1]}
TIE = {"seed": [1], "pixels": ["raw", "scaled"]}
WORDS = {  # what is swept, the rates that diverge, what the page then says, and what not
    "all": ({}, (), ["standard error", "Lines: means"], ["diverged", "infinite", "Faint", "share"]),
    "a setting": ({"learning_rate": [0.1]}, (), ["2 runs: seed 1, 2. In all", "as above"], ["The best setting"]),
    "a run": (ONE, (), ["1 run: epochs 2; hidden widths 3, 2;", "seed 1."], ["1 runs", "In all", "Lines: means"]),
    "a run that diverges": (ONE, (0.1,), ["It diverged"], ["1 of them", "are over the others"]),
    "a seed": ({"seed": [1]}, (), ["with a seed each"], ["standard error", "Lines: means"]),
    "many": (MANY, (), ["Of 798 settings as many as there is room for", "Faint"], ["diverged"]),
    "many, all diverge": ({"learning_rate": RATES}, RATES, ["Of 29 settings", "58 of them"], ["Faint", "The best"]),
    "many, few do not": ({"learning_rate": RATES}, RATES[3:], ["diverged last", "91.50"], ["Faint"]),
    "all diverge": ({}, (0.1, 1.0), ["4 of them diverged"], ["The best setting"]),
    "some diverge": ({}, (0.1,), ["(2 diverged)"], ["The best setting", "It diverged"]),
    "a tie": (TIE, (), ["2 settings share the best mean"], ["lies"]),
}


@pytest.mark.parametrize(("values", "diverge", "there", "absent"), WORDS.values(), ids=WORDS)
def test_words_follow_the_results(swept_copy, monkeypatch, values, diverge, there, absent):
    histories = {run_name(run): course(run, run["learning_rate"] in diverge) for run in combinations(VALUES | values)}
    text, page = chapter(swept_copy, monkeypatch, VALUES | values, histories)
    assert [words for words in there if words not in text] == [] == [words for words in absent if words in text]
    assert page.count("<") - page.count("</") < 1_200
    settings = len(list(combinations({**VALUES, **values, "seed": [1]})))
    assert page.partition('id="tab-sweep-mnist"')[2].partition("</table>")[0].count("<tr") == 1 + min(settings, 20)


def test_a_loss_without_a_mean_is_explained(swept_copy, monkeypatch):
    histories = {run_name(run): course(run) for run in combinations(VALUES)}
    next(iter(histories.values()))[-1]["test_loss"] = inf
    assert "that loss is infinite" in chapter(swept_copy, monkeypatch, VALUES, histories)[0]


def chapter(project, monkeypatch, values: dict, histories: dict) -> tuple[str, str]:
    """Return what the page says of a sweep of MNIST with these histories, as text and as HTML."""
    folder = project.folder / RESULTS / "sweeps/mnist"
    for name, rows in histories.items():
        write_csv(folder / name / "history.csv", rows)
    files = {"runs": "runs.csv", "curves": "curves.csv", "settings": "settings.json"}
    options = [word for name, file in files.items() for word in (f"--{name}", str(folder / file))]
    monkeypatch.setattr(sys, "argv", ["compare", "--values", json.dumps(values), "--folder", str(folder), *options])
    main()
    done = rerender(project.folder)
    assert done.returncode == 0, done.stderr
    page = (project.folder / "again/report.html").read_text(encoding="utf-8")
    part = page.partition('<section class="item" id="sweep-mnist"')[2].partition("</section>")[0]
    assert differences(page, f"{project.folder}/{RESULTS}")[1] == []
    return " ".join(re.sub(r"<[^>]*>", "", part).split()), part

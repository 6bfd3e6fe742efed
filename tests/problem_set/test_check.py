"""Formulas and data files are checked before anything runs, and an author is told how each claim is decided."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from project import ROOT, edited

from scripts.problem_set import check
from scripts.problem_set.__main__ import checked, started
from scripts.problem_set.read import read_set
from scripts.shared.step import Failure

SETS = sorted(path.parent for path in ROOT.glob("problem_sets/*/set.yaml"))


def warnings(problem_set):
    return [*check.warnings(problem_set, check.derive(problem_set))]


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_sets_have_no_faults_and_no_warnings(folder):
    problem_set = read_set(folder)
    check.check_formulas(problem_set)
    assert check.answer_faults(problem_set) == []
    assert warnings(problem_set) == []


def test_what_the_example_asks_yes_or_no_reads_as_a_statement():
    claims = read_set(ROOT / "problem_sets/example").claims.values()
    assert [spec["about"] for spec in claims if spec["kind"] == "statement"] == ["that is a minimum"]


def test_reading_all_formulas_takes_no_time():
    problem_set = read_set(ROOT / "problem_sets/deep-learning")
    check.check_formulas(problem_set)  # the grammar is compiled once
    start = time.process_time()
    check.check_formulas(problem_set)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("items/ridge.yaml", "np.sum((X @ w - y)**2)", "np.sum((w @ X - y)**2)", "claims.ridge.objective: "),
        ("items/ridge.yaml", "np.sum((X @ w - y)**2)", "(X @ w - y)**2", "claims.ridge.objective: it has the shape"),
        ("items/ridge.yaml", "np.sum(w**2)", "np.sum(v**2)", "claims.ridge.objective: "),
        ("items/ridge.yaml", "variable: w", "variable: v", "claims.ridge.variable: 'v' is not among the names"),
        ("items/ridge.yaml", "X: n × d", "X: n by d", "claims.ridge.shapes: X: 'n by d' is no shape"),
        (
            "items/ridge.yaml",
            "+ lambda*w: the factor",
            "+ mu*w: the factor",
            "claims.ridge.mistakes: 2*X.T @ (X @ w - y) + mu*w: ",
        ),
        (
            "items/mean.yaml",
            "    kind: minimiser",
            "    kind: minimiser\n    symmetric: [z]",
            "claims.mean.symmetric: 'z' is",
        ),
        ("items/spread.yaml", "(x - m)", "(x - q)", "claims.spread.expression: "),
        ("set.yaml", "{m: mean(x)}", "{m: mean(m)}", "claims.spread.where: m"),
        ("data/hat.txt", "2 1", "2 one", "data/hat.txt, line 4: 'one' is no number"),
        ("data/hat.txt", "2 1", "2", "data/hat.txt, line 4: "),
        ("data/network.yaml", "hidden_biases", "hiden_biases", "data/network.yaml: "),
        ("data/network.yaml", "[-1, 1, 0]", "[-1, 1]", "data/network.yaml: "),
    ],
)
def test_faults_of_content(example, file, old, new, line):
    edited(example, file, old, new)
    faults = check.content_faults(read_set(example))
    assert len(faults) == 1 and line in faults[0] and "\n" not in faults[0], faults
    assert faults[0].startswith(str(example))
    with pytest.raises(Failure):
        check.check_formulas(read_set(example))


def test_prose_that_is_no_text_is_told_before_anything_runs(example):
    (example / "chapters").mkdir()
    (example / "chapters/networks.html.j2").write_bytes(b"<p>caf\xe9</p>")
    with pytest.raises(Failure, match=r"chapters/networks\.html\.j2 .*save it as UTF-8"):
        check.check_formulas(read_set(example))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("id: hat\n", "id: hut\n", "answers/document.yaml: the problem set asks for no claim hut"),
        ("id: hat\n", "id: ridge\n", "answers/document.yaml: claim ridge stands there twice"),
        ("name:", "nmae:", "answers/document.yaml, top level: unknown key 'nmae'; did you mean 'name'?"),
    ],
)
def test_faults_of_answers(example, old, new, line):
    edited(example, "answers/document.yaml", old, new)
    (fault,) = check.answer_faults(read_set(example))
    assert line in fault


@pytest.mark.parametrize(
    ("mistake", "words"),
    [("2*(X.T @ (X @ w - y) + lambda*w)", "it is right"), ("lambda*w - 2*X.T @ (y - X @ w)", "are the same")],
)
def test_mistakes_that_are_none(example, mistake, words):
    edited(example, "items/ridge.yaml", "    mistakes:\n", f"    mistakes:\n      {mistake}: it is something else\n")
    problem_set = read_set(example)
    check.check_formulas(problem_set)
    (warning,) = warnings(problem_set)
    assert "items/ridge.yaml, claims.ridge.mistakes: " in warning and words in warning


def test_what_cannot_be_decided_is_a_warning(example):
    edited(example, "items/mean.yaml", "objective: np.sum((x - c)**2)", "objective: np.sum((x - c)**4)")
    assert [
        line for line in warnings(read_set(example)) if "items/mean.yaml, claims.mean: " in line and "decided" in line
    ]


@pytest.mark.parametrize("limit", ["without: [y]", "given: [X, w, lambda]", "without: [lambda, y]"])
def test_an_answer_that_needs_what_it_may_not_use_is_a_warning(example, limit):
    edited(example, "items/ridge.yaml", "    variable: w\n", f"    variable: w\n    {limit}\n")
    (warning,) = warnings(read_set(example))
    assert "claims.ridge: what the engine derives has " in warning and "y in it, which no answer may use" in warning


def test_a_formula_that_the_engine_fails_on_is_a_fault_of_one_line(example, monkeypatch):
    monkeypatch.setattr("scripts.formulas.problem.problem", lambda *_: 1 / 0)
    faults = check.content_faults(read_set(example))
    assert len(faults) == 4 and faults[0].endswith(
        "claims.ridge.objective: the engine fails on it (ZeroDivisionError); write it in another way"
    )


def test_other_warnings(example):
    edited(example, "items/ridge.yaml", "asks:", "# asks:")
    (example / "chapters").mkdir()
    for name in ("formulas", "findings", "formlas"):
        (example / "chapters" / f"{name}.html.j2").write_text("")
    asks, template = warnings(read_set(example))
    assert "items/ridge.yaml: 'asks' is missing" in asks
    assert "chapters/formlas.html.j2: set.yaml has no chapter formlas" in template


def test_the_command_lists_and_leaves_a_blank(example, capsys):
    checked(str(example))
    lines = capsys.readouterr().out.splitlines()
    listed = {line.split()[0]: line for line in lines[:-1]}
    assert listed.keys() == read_set(example).claims.keys()
    assert "proved for all sizes: " in listed["ridge"] and "proved for all sizes: " in listed["mean"]
    assert "exact fractions" in listed["hat"] and "tests of computed values: proved" in listed["mean-is-minimum"]
    blank = yaml.safe_load((example / "blank.yaml").read_text(encoding="utf-8"))
    assert [claim["id"] for claim in blank["claims"]] == list(listed)
    parts = {claim["id"]: claim["stated"] for claim in blank["claims"]}
    assert parts["ridge"] is None and list(parts["backward"]) == ["w_h", "b_h", "w_o", "b_o"]
    text = (example / "blank.yaml").read_text(encoding="utf-8")
    assert "# a formula in X, w, y, lambda" in text and "# yes or no" in text
    (example / "blank.yaml").rename(example / "answers" / "blank.yaml")
    assert check.answer_faults(read_set(example)) == []


def command(folder, capsys):
    checked(str(folder))
    return capsys.readouterr().out.splitlines()


def keep_as_file(path):
    path.write_text("claims: [{id: ridge, stated: {x: [2]}}]")


@pytest.mark.parametrize(
    "keep",
    [keep_as_file, lambda path: path.write_text("claims: ["), lambda path: path.write_bytes(b"\xff"), Path.mkdir],
)
def test_a_blank_with_answers_in_it_is_left(example, capsys, keep):
    path = example / "blank.yaml"
    path.unlink(missing_ok=True)
    keep(path)
    before = path.is_file() and path.read_bytes()
    assert [line for line in command(example, capsys) if line.startswith(f"warning: {path} is left as it is")]
    assert (path.is_file() and path.read_bytes()) == before


def test_a_blank_without_is_written_again(example, capsys):
    command(example, capsys)
    before = (example / "blank.yaml").read_text(encoding="utf-8")
    edited(example, "items/ridge.yaml", "title: Ridge", "title: The ridge")
    command(example, capsys)
    assert (example / "blank.yaml").read_text(encoding="utf-8") == before.replace("  Ridge reg", "  The ridge reg")


def test_text_of_several_lines_is_a_comment_of_one(example, capsys):
    edited(example, "items/ridge.yaml", "asks: What", 'asks: "What\\n- [is\\u2028: {\\n" # ')
    edited(example, "items/ridge.yaml", "about: the", "about: |\n      the\n      : [")
    edited(example, "items/hat.yaml", "computed: relu", 'computed: {"on: R, #": relu')
    edited(example, "items/hat.yaml", "#units.on R", "#units.on R}")
    command(example, capsys)
    claims = yaml.safe_load((example / "blank.yaml").read_text(encoding="utf-8"))["claims"]
    assert [claim["stated"] for claim in claims if claim["id"] == "hat-units"] == [{"on: R, #": None}]


@pytest.mark.parametrize("empty", [True, False])
def test_a_set_without_answers_is_listed(example, capsys, empty):
    shutil.rmtree(example / "answers")
    if empty:
        (example / "answers").mkdir()
    *_, warning, last = command(example, capsys)
    assert warning.startswith(f"warning: {example}/answers holds no *.yaml file yet")
    assert last.startswith("9 claims can be judged.") and (example / "blank.yaml").is_file()


def test_one_claim_is_one_claim(example, capsys):
    edited(example, "set.yaml", "[ridge, mean, spread]", "[ridge]")
    edited(example, "set.yaml", "  - {id: networks", "  # - {id: networks")
    for name in ("mean", "spread", "hat", "by-hand"):
        (example / f"items/{name}.yaml").unlink()
    shutil.rmtree(example / "answers")
    assert command(example, capsys)[-1].startswith("1 claim can be judged.")


def test_an_experiment_that_nothing_uses_is_a_warning(example):
    edited(example, "set.yaml", "# experiments:\n#   mnist:", "experiments:\n  mnist:")
    edited(example, "set.yaml", "#   fashion_mnist:", "  fashion_mnist:")
    edited(example, "set.yaml", "#   l1_regression: {example: data/line", "  l1_regression: {example: data/hat")
    (example / "chapters").mkdir()
    template = example / "chapters/networks.html.j2"
    template.write_text("{{ data('datasets/fashion-mnist.json') }} {{ data('mnists') }}")
    mnist, l1 = warnings(read_set(example))
    assert mnist.endswith("set.yaml, experiments: mnist is declared and nothing uses it; it will download and train")
    assert l1.endswith("l1_regression is declared and nothing uses it; it will be worked out")
    template.write_text("{{ data('mnist/history.csv') }} {{ n('fashion_mnist/model.json#widths') }}")
    assert len(warnings(read_set(example))) == 1


@pytest.mark.parametrize(
    ("text", "told"), [("", "two rows or more"), ("1 2\n1 2 3\n", "line 2: 3 entries"), ("1\n2\n", "line 1: 1 entries")]
)
def test_an_l1_example_that_is_none(example, text, told):
    edited(example, "set.yaml", "# experiments:", "experiments: {l1_regression: {example: data/line.txt}}")
    (example / "data/line.txt").write_text(text)
    (fault,) = check.content_faults(read_set(example))
    assert "data/line.txt" in fault and told in fault


ONE = """
question: 1
title: The loss
asks: How large is the least loss?
claims:
  loss: {about: the least loss, kind: value, computed: l1_regression/example.json#l1.loss, form: exact}
"""


def test_pointers_are_checked_before_any_run_that_reads_them(new_project):
    """Of a set too that has neither formulas nor networks."""
    folder = new_project.folder / "one"
    for name, text in {
        "set.yaml": "title: One\nexperiments: {l1_regression: {example: data/l.txt}}\n"
        "chapters: [{id: c, title: C, items: [least]}]\n",
        "items/least.yaml": ONE.replace("l1.loss", "l1.los"),
        "data/l.txt": "1 1\n1 2\n1 4\n",
        "answers/a.yaml": "name: A\nclaims: [{id: loss, stated: 3}]\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    new_project.write_config(new_project.config() | {"problem_set": "one", "what_if": {}})
    done = new_project.snakemake("--cores", "1", good=False)
    assert done.stdout.count("has no los; did you mean 'loss'?") == 1 and "Traceback" not in done.stdout
    assert not (new_project.folder / "results").exists()


def test_what_needs_an_experiment_says_so():
    problem_set = read_set(ROOT / "problem_sets/deep-learning")
    listed = [*check.listing(problem_set, dict.fromkeys(problem_set.formulas, ("", "")))]
    (m6,) = (line for line in listed if line.startswith("m6 "))
    (f10,) = (line for line in listed if line.startswith("f10-9270 "))
    assert m6.endswith("; needs mnist and the dataset mnist")
    assert f10.endswith("; needs the dataset fashion-mnist and fashion_mnist")


def test_new_starts_a_set_that_works(tmp_path, capsys):
    folder = tmp_path / "mine"
    started(str(folder), 'Mine: "a set"')
    assert f"python -m scripts.problem_set check {folder}" in capsys.readouterr().out
    assert read_set(folder).title == 'Mine: "a set"'
    with pytest.raises(Failure, match="is there already"):
        started(str(folder), "")
    with pytest.raises(Failure, match="call the folder by letters"):
        started(str(tmp_path / "my set"), "")


def test_faults_end_the_command(example):
    edited(example, "items/ridge.yaml", "kind: derivative", "kind: derivate")
    edited(example, "items/hat.yaml", "data/hat.txt", "data/hut.txt")
    command = [sys.executable, "-m", "scripts.problem_set", "check", str(example)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert [line.startswith("error: ") for line in done.stderr.splitlines()] == [True, True]

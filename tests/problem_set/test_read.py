"""A folder is a problem set or has faults, each told in one line with its file and place."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT, edited

from scripts.problem_set.check import content_faults
from scripts.problem_set.read import read_all, read_set
from scripts.shared.schema import read_texts
from scripts.shared.step import Failure

SETS = sorted(path.parent for path in ROOT.glob("problem_sets/*/set.yaml"))
FAULTS = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text(encoding="utf-8"))
ITEM = """
question: 1
title: A square
claims:
  square:
    about: the derivative of a square
    kind: derivative
    shapes: {x: n}
    objective: np.sum(x**2)
    variable: x
"""


def all_faults(folder):
    problem_set, faults = read_all(folder)
    return faults or content_faults(problem_set)


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_sets_are_read(folder):
    problem_set, faults = read_all(folder)
    assert faults == content_faults(problem_set) == []
    assert [item for chapter in problem_set.chapters for item in chapter["items"]] == list(problem_set.items)
    assert [name for item in problem_set.items.values() for name in item["claims"]] == list(problem_set.claims)
    assert all(spec["id"] == name and spec["about"] for name, spec in problem_set.claims.items())
    assert problem_set.name == folder.name


def test_a_set_made_from_nothing(tmp_path):
    folder = tmp_path / "my-set"
    (folder / "items").mkdir(parents=True)
    (folder / "set.yaml").write_text("title: Mine\nchapters: [{id: one, title: One, items: [square]}]\n")
    (folder / "items" / "square.yaml").write_text(ITEM)
    found = read_set(folder)
    assert found.claims["square"] == {
        "id": "square",
        "item": "square",
        "question": "1",
        "about": "the derivative of a square",
        "kind": "derivative",
        "shapes": {"x": "n"},
        "objective": "np.sum(x**2)",
        "variable": "x",
    }
    assert (found.title, found.derived, found.experiments, found.template("one")) == ("Mine", ["square"], {}, None)
    (folder / "chapters").mkdir()
    (folder / "chapters" / "one.html.j2").write_text("")
    assert read_set(folder).template("one") == folder / "chapters" / "one.html.j2"


def test_parameters_are_laid_over_each_other(example):
    edited(example, "items/spread.yaml", "    without:", "    shapes: {z: n}\n    where: {m: sum(x)/n}\n    without:")
    spec = read_set(example).claims["spread"]
    assert (spec["shapes"], spec["where"]) == ({"x": "n", "z": "n"}, {"m": "sum(x)/n"})
    assert "objective" in read_set(example).claims["mean"]  # an item's `formulas`
    edited(example, "items/spread.yaml", "kind: identity", "kind: identity\n    notation: none")
    assert read_set(example).claims["spread"]["shapes"] == {"z": "n"}


def test_scalars_stay_the_text_that_they_are(example):
    edited(example, "items/hat.yaml", "beside: [hidden, units, relu]", "beside: [no, 8.80, 1e3]\n    least: 1")
    spec = read_set(example).claims["hat-units"]
    assert (spec["beside"], spec["least"]) == (["no", "8.80", "1e3"], 1)
    with pytest.raises(Failure, match=r"^here, line 2 is no YAML: key 'a' stands there twice$"):
        read_texts("a: 1\na: 2\n", "here")


@pytest.mark.parametrize(("file", "old", "new", "line"), FAULTS, ids=lambda part: part[:24])
def test_a_fault_is_one_line_that_names_file_and_place(example, file, old, new, line):
    if file == "items/mnist.yaml":
        trained(example)
    edited(example, file, old, new)
    faults = all_faults(example)
    assert [fault for fault in faults if line in fault]
    assert len(faults) <= 2, faults
    assert all(fault.startswith(str(example)) and "\n" not in fault for fault in faults)


def trained(example):
    """Switch on the experiment that the example holds in readiness."""
    (example / "items/mnist.yaml.off").rename(example / "items/mnist.yaml")
    edited(example, "set.yaml", "# experiments:\n#   mnist:", "experiments:\n  mnist:")
    edited(example, "set.yaml", "[hat, by-hand]", "[hat, by-hand, mnist]")


def test_an_experiment(example):
    trained(example)
    assert all_faults(example) == []


def test_two_results_of_one_name(example):
    shutil.copy(example / "data/hat.txt", example / "data/network.txt")
    edited(example, "items/hat.yaml", "data/hat.txt", "data/network.txt")
    assert "differ in ending, folder or capitals alone; rename one" in read_all(example)[1][0]


def test_names_that_differ_in_capitals_alone(example):
    """Where a file system does not tell A from a, one's results would take the place of the other's."""
    shutil.copy(example / "data/hat.txt", example / "data/Network.txt")
    edited(example, "items/hat.yaml", "data/hat.txt", "data/Network.txt")
    shutil.copy(example / "items/ridge.yaml", example / "items/rIdge.yaml")
    edited(example, "items/rIdge.yaml", "  ridge:", "  riDge:")
    edited(example, "set.yaml", "[ridge, ", "[ridge, rIdge, ")
    faults = "\n".join(read_all(example)[1])
    for pair in ("ridge and rIdge", "ridge and riDge", "data/network.yaml"):
        assert f"{pair} differ in" in faults


@pytest.mark.parametrize("name", ["a{b}", "a b", "-x", "a*"])
def test_a_folder_that_results_cannot_be_called_by(example, name):
    folder = example.rename(example.with_name(name))
    assert "call the folder by letters, digits, - and _" in read_all(folder)[1][0]


def test_no_folder_and_an_empty_one(tmp_path):
    with pytest.raises(Failure, match="is no folder; name a problem set, or start one"):
        read_set(tmp_path / "nothing")
    with pytest.raises(Failure, match=r"has no set\.yaml"):
        read_set(tmp_path)


def test_several_faults_are_counted(example):
    edited(example, "items/ridge.yaml", "kind: derivative", "kind: derivate")
    edited(example, "items/hat.yaml", "data/hat.txt", "data/hut.txt")
    with pytest.raises(Failure, match=r"ridge.*\(1 more: python -m scripts.problem_set check "):
        read_set(example)


def test_reading_is_light():
    """The Snakefile reads a set in every job."""
    heavy = ("numpy", "sympy", "torch", "lark", "mpmath", "pandas", "scripts.formulas", "scripts.verdicts")
    program = (
        "import sys; from scripts.problem_set.read import read_set; from scripts.problem_set import needs; "
        f"read_set('problem_sets/example'); print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr

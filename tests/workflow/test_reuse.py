"""Code is found beside the workflow, data in the working directory: elsewhere, imported, or deployed by snakedeploy."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import PARTS, RESULTS, ROOT, SET, Project, edited

EXAMPLE = "results/example"
SMALL = {"problem_set": "problem_sets/example", "verdicts": {"random_answers": 10}}


def workplace(folder: Path, files: dict[str, str] | None = None) -> Project:
    """Return a folder with some files, to run a workflow in that lies elsewhere."""
    place = object.__new__(Project)
    place.folder = folder
    folder.mkdir(parents=True)
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def in_place(tmp_path_factory, official_files) -> Project:
    """A project in which the example has run, which trains nothing."""
    project = Project(tmp_path_factory.mktemp("in place"), official_files)
    project.write_config(SMALL)
    project.snakemake("--cores", "2")
    return project


def test_another_directory_gets_the_same_bytes(in_place, tmp_path):
    place = workplace(tmp_path / "else where", {"kept": "by us"})
    workflow = ("--snakefile", str(in_place.folder / "Snakefile"))
    place.snakemake(*workflow, "--directory", str(place.folder), "--cores", "2", cwd=tmp_path)
    assert place.digests(EXAMPLE) == in_place.digests(EXAMPLE)
    assert place.planned(*workflow) == set()
    assert not (place.folder / "scripts").exists() and not (tmp_path / "results").exists()


def test_files_of_the_working_directory_come_first(finished, tmp_path):
    answers = (finished.folder / f"problem_sets/{SET}/answers/document.yaml").read_text(encoding="utf-8")
    place = workplace(tmp_path / "else where", {"config.yaml": "answers: mine.yaml", "mine.yaml": answers})
    workflow = ("--dry-run", "--snakefile", str(finished.folder / "Snakefile"))
    assert f"results/{SET}/verdicts/mine.json" in place.snakemake(*workflow).stdout
    (place.folder / "mine.yaml").unlink()
    said = place.snakemake(*workflow, good=False).stdout
    assert "mine.yaml: there is no such file; correct the name of the answers" in said


@pytest.fixture
def moving(in_place, tmp_path) -> Project:
    """A copy of the code alone, to run elsewhere, to edit and to move; all of it is old."""
    code = workplace(tmp_path / "the code")
    for part in PARTS:
        if (in_place.folder / part).is_dir():
            shutil.copytree(in_place.folder / part, code.folder / part)
        else:
            shutil.copy(in_place.folder / part, code.folder / part)
    shutil.move(code.folder / "problem_sets/example", code.folder / "example")
    shutil.copytree(code.folder / "example/answers", code.folder / "given")
    os.mkfifo(code.folder / "given/pipe.yaml")
    code.write_config(SMALL | {"problem_set": "example", "answers": "given"})
    age(code.folder)
    return code


def age(folder: Path) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))


def test_moving_code_or_data_redoes_nothing_and_other_code_what_it_concerns(moving, tmp_path):
    place = workplace(tmp_path / "else where")
    place.snakemake("--snakefile", str(moving.folder / "Snakefile"), "--cores", "2")
    # What cannot be read among the answers is told of as ever.
    assert {path.name for path in (place.folder / EXAMPLE / "reports").iterdir()} == {"document.html", "pipe.html"}
    moving.folder = moving.folder.rename(tmp_path / "moved")
    place.folder = place.folder.rename(tmp_path / "further off")
    assert place.planned("--snakefile", "../moved/Snakefile") == set()
    # A newer version that is older than the results.
    edited(moving.folder, "report/style.css", "{", " {")
    age(moving.folder)
    assert place.planned("--snakefile", "../moved/Snakefile") == {"write_report"}
    edited(moving.folder, "example/set.yaml", "title: ", "title: Our ")
    age(moving.folder)
    assert {"write_report", "derive"} <= place.planned("--snakefile", "../moved/Snakefile")
    (moving.folder / "example/items/hat.yaml").write_text("kind: ?")
    said = place.snakemake("--snakefile", "../moved/Snakefile", "--dry-run", good=False).stdout
    assert f"{moving.folder}/example/items/hat.yaml" in said and ".snakemake/proofset" not in said


def test_code_is_not_changed_under_a_run(moving, tmp_path):
    place = workplace(tmp_path / "else where")
    options = ("--snakefile", str(moving.folder / "Snakefile"))
    assert place.planned(*options)
    lock = place.folder / ".snakemake/locks/0.input.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    assert place.planned(*options)
    edited(moving.folder, "report/style.css", "{", "{/* of v2 */")
    said = place.snakemake(*options, "--dry-run", good=False).stdout
    assert "a run goes on here with another version of report/style.css: let it end first" in said
    style = place.folder / ".snakemake/proofset/main/report/style.css"
    assert "of v2" not in style.read_text()
    place.snakemake(*options, "--unlock")
    assert place.planned(*options) and "of v2" in style.read_text()
    # One that was killed is cleared up after first.
    lock.touch()
    note = place.folder / ".snakemake/runs/1.json"
    note.parent.mkdir(exist_ok=True)
    note.touch()
    edited(moving.folder, "report/style.css", "of v2", "of v3")
    place.snakemake(*options, "--cores", "1", "--touch")
    assert "of v3" in style.read_text() and not note.exists()


def test_two_starts_at_once(moving, tmp_path):
    place = workplace(tmp_path / "else where")
    command = place.command("--dry-run", "--snakefile", str(moving.folder / "Snakefile"))
    options = {"cwd": place.folder, "env": place.environment(), "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    for _ in range(2):
        both = [subprocess.Popen(command, text=True, **options) for _ in range(3)]
        outputs = [process.communicate()[0] for process in both]
        assert [process.returncode for process in both] == [0, 0, 0], outputs
        edited(moving.folder, "report/style.css", "{", " {")
        age(moving.folder)


IMPORTER = """
import os
import sys

from scripts.own import WHO

configfile: "own.yaml"

rule own_all:
    input:
        "own.txt",

module course:
    snakefile:
        "HOME/Snakefile"
    config:
        config["course"]

use rule * from course as course_*

module example:
    snakefile:
        "HOME/workflow/Snakefile"
    config:
        config["example"]
    prefix:
        "sub folder"

use rule * from example as example_*

from scripts import another
import scripts.own

assert (scripts.own.WHO, another.WHO) == (WHO, "another")
assert "HOME" not in map(os.path.relpath, sys.path)

rule own:
    input:
        rules.course_write_report.output.page,
        rules.example_write_report.output.page,
    output:
        "own.txt",
    shell:
        "(env; python3 -c 'import scripts.own as own; print(own.WHO)') > {output:q}; wc -c {input:q}"
"""


def test_two_problem_sets_in_a_workflow_of_somebody_else(in_place, tmp_path):
    """One set is theirs, the other comes with ours and goes to a folder below. They have `scripts` as well."""
    config = {"course": SMALL | {"problem_set": "sets/course"}, "example": SMALL}
    theirs = {
        "Snakefile": IMPORTER.replace("HOME", os.path.relpath(in_place.folder, tmp_path / "some body")),
        "own.yaml": yaml.safe_dump(config),
        "scripts/__init__.py": "# A package in its own right.",
        "scripts/own.py": "WHO = 'somebody'",
        "scripts/another.py": "WHO = 'another'",
    }
    place = workplace(tmp_path / "some body", theirs)
    shutil.copytree(in_place.folder / "problem_sets/example", place.folder / "sets/course")
    place.snakemake("--cores", "2")
    below = {f"sub folder/{name}": digest for name, digest in in_place.digests(EXAMPLE).items()}
    assert place.digests(f"sub folder/{EXAMPLE}") == below
    assert len(place.digests("results/course")) == len(below)
    environment = (place.folder / "own.txt").read_text()
    assert environment.endswith("\nsomebody\n")
    for name, course in config.items():  # what jobs on a cluster are handed
        handed = json.loads(re.search(f"^PROOFSET_SETTINGS_{name}=(.*)", environment, re.MULTILINE)[1])
        assert handed["config"]["problem_set"] == course["problem_set"]
    assert str(in_place.folder) not in environment and "PYTHONSAFEPATH" not in environment
    assert "Nothing to be done" in place.snakemake("--cores", "2").stdout
    # What is edited redoes what it concerns, in that set alone.
    edited(place.folder, "sets/course/set.yaml", "title: ", "title: Our ")
    assert place.planned() - {"own", "own_all"} >= {"course_write_report"}
    assert not any(rule.startswith("example") for rule in place.planned())


MODULE = """
module ours:
    snakefile:
        "HOME/Snakefile"
    CONFIG

use rule * from ours as ours_*
"""


def test_a_module_trains_to_the_same_bytes(finished, tmp_path):
    module = MODULE.replace("HOME", str(finished.folder)).replace(
        "CONFIG", 'config: config["ours"]\n    prefix: "be low"'
    )
    theirs = {"Snakefile": f'configfile: "own.yaml"\n{module}', "own.yaml": yaml.safe_dump({"ours": finished.config()})}
    place = workplace(tmp_path / "some body", theirs)
    place.snakemake("--cores", "2")
    assert place.digests(f"be low/{RESULTS}") == {f"be low/{name}": d for name, d in finished.digests().items()}
    assert place.planned() == set()


def test_a_set_that_trains_nothing_beside_one_that_trains(finished, tmp_path):
    modules = [
        MODULE.replace("HOME", str(finished.folder)).replace("ours", name).replace("CONFIG", f"config: {config}")
        for name, config in {"one": {}, "two": SMALL}.items()
    ]
    planned = workplace(tmp_path / "some body", {"Snakefile": "".join(modules)}).planned("--", "one_all", "two_all")
    assert {"one_download", "one_write_report", "two_write_report"} <= planned and "two_download" not in planned


def test_a_module_that_is_told_nothing_has_the_defaults(finished, tmp_path):
    """What lies in its importer's folder under the name of our configuration is not meant for it."""
    theirs = {"Snakefile": MODULE.replace("HOME", str(finished.folder)).replace("CONFIG", ""), "config.yaml": "own: 1"}
    place = workplace(tmp_path / "some body", theirs)
    assert {"ours_train_mnist", "ours_train_fashion_mnist", "ours_write_report"} <= place.planned()


DEPLOYED = """
from snakemake.utils import min_version

min_version("6.10.0")

configfile: "config/config.yaml"

module proofset:
    snakefile:
        github("owner/proofset", path="workflow/Snakefile", tag="v1")
    config:
        config

use rule * from proofset
"""


@pytest.fixture
def repository(in_place, tmp_path, monkeypatch):
    """A repository of a project that stands in for github.com/owner/proofset: its folder, and a function that tags."""
    source = tmp_path / "repository"
    shutil.copytree(in_place.folder, source, ignore=shutil.ignore_patterns(".snakemake", "results", "logs", "bench*"))
    shutil.copytree(ROOT / "config", source / "config", symlinks=True)

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
        long_ago = os.environ | {"GIT_COMMITTER_DATE": "2001-01-01T00:00:00"}
        subprocess.run(["git", *who, *arguments], cwd=source, env=long_ago, check=True, capture_output=True)

    def tag(name: str) -> None:
        git("add", "--all")
        git("commit", "--quiet", "--message", name)
        git("tag", name)

    git("init", "--quiet")
    tag("v1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{source.as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/owner/proofset")
    return source, tag


def deploy(folder: Path, source: Path) -> None:
    """Deploy v1 into a new folder: by snakedeploy, or where that is not installed as it does."""
    command = shutil.which("snakedeploy", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if command:
        url = "https://github.com/owner/proofset"
        subprocess.run([command, "deploy-workflow", url, folder, "--tag", "v1"], check=True, capture_output=True)
    else:
        (folder / "workflow").mkdir(parents=True)
        (folder / "workflow/Snakefile").write_text(DEPLOYED)
        for part in ("config", "profiles"):
            shutil.copytree(source / part, folder / part)


def test_deployed_from_a_repository(in_place, repository, tmp_path):
    source, tag = repository
    place = workplace(tmp_path / "de ployed")
    deploy(place.folder / "of ours", source)
    place.folder /= "of ours"
    place.snakemake("--cores", "2")
    assert place.digests(EXAMPLE) == in_place.digests(EXAMPLE)
    assert place.planned() == set()
    place.snakemake("--report", "all.html")
    place.snakemake("--lint")
    # Another version redoes what its changes concern, old as they may be.
    edited(source, "report/style.css", "{", " {")
    tag("v2")
    edited(place.folder, "workflow/Snakefile", 'tag="v1"', 'tag="v2"')
    style = place.folder / ".snakemake/proofset/proofset/report/style.css"
    locks, old = place.folder / ".snakemake/locks", style.read_text()
    (locks / "0.input.lock").touch()
    said = place.snakemake("--dry-run", good=False).stdout
    assert "a run goes on here with another version of report/style.css" in said and style.read_text() == old
    (locks / "0.input.lock").unlink()
    assert place.planned() == {"write_report"}
    # What has been deleted there comes back.
    shutil.rmtree(style.parents[1] / "scripts/report")
    assert place.planned() == {"write_report"}


def test_curly_brackets_are_refused_by_the_folder_that_has_them(moving, tmp_path):
    moving.folder = moving.folder.rename(tmp_path / "co{de}")
    said = moving.snakemake("--dry-run", good=False).stdout
    assert f"{moving.folder}: Snakemake takes what is in curly brackets for wildcards" in said


def test_what_the_catalogue_asks_for():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    assert (ROOT / "workflow/Snakefile").is_file() and (ROOT / "config/README.md").is_file()
    assert (ROOT / "config/config.yaml").samefile(ROOT / "config.yaml")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in readme and "workflow" in readme

"""What a newcomer touches first: the README's table, the profiles, the lock."""

import re
import tomllib
from copy import deepcopy

import pytest
import yaml
from project import ROOT

from scripts.shared.parameters import README, leaves, replaced
from scripts.shared.schema import read_schema
from scripts.shared.step import Failure


def test_parameter_table_is_the_schema():
    text = README.read_text(encoding="utf-8")
    schema = deepcopy(read_schema("config"))
    assert replaced(text, schema) == text, "the table is out of date: python -m scripts.shared.parameters"
    assert all(f"| `{name}` |" in text for name, _ in leaves(schema))
    schema["properties"]["mnist"]["properties"]["epochs"]["default"] = 4
    assert replaced(text, schema) != text


def test_a_readme_without_markers_is_an_error():
    with pytest.raises(Failure, match="markers"):
        replaced("# Proofset\n", read_schema("config"))


def test_readme_names_what_is_there():
    """Paths in backticks exist, except for what a run makes; make's targets are targets."""
    text = README.read_text(encoding="utf-8")
    made = ("results/", "resources/", "benchmarks/", "logs/", ".venv")
    paths = {word for word in re.findall(r"`([\w./-]+)`", text) if "/" in word and not word.startswith(made)}
    assert {"answers/document.yaml", "profiles/slurm/profile.yaml"} <= paths
    assert [path for path in paths if not (ROOT / path).exists() and path not in {"fashion-mnist/", "mnist/"}] == []
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make (test|lint|clean|report)\b", text)) <= targets
    for picture in re.findall(r'(?:src="|\]\()(docs/[\w./-]+)', text):
        assert (ROOT / picture).exists()


def test_slurm_plans_the_same_jobs(new_project):
    """With its plugin installed, a dry run needs no Slurm."""
    local = new_project.planned()
    slurm = new_project.planned("--workflow-profile", "profiles/slurm")
    assert {"train_mnist", "train_fashion_mnist", "write_report"} <= slurm
    assert slurm == local
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    assert profile["executor"] == "slurm"


def test_everything_is_pinned_with_digests():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    wanted = {re.split(r"[\[<>=;~! ]", name)[0] for name in project["dependencies"]}
    assert wanted <= pinned
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in re.sub(r"^#.*$", "", lock, flags=re.MULTILINE)

"""Every command and every setting that README and docs print is one that runs, in their order and in one folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml
from plan import plans
from project import ROOT, SET

from scripts.shared.schema import read_schema

PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")), "config/README.md"]
FENCE = re.compile(r"^```(sh|yaml)\n(.*?)^```$|(?<!`)`([^`\n]+)`(?!`)", re.MULTILINE | re.DOTALL)
PROGRAMS = "make|snakemake|python|pip|uv|docker|apptainer|export|mkdir|cd|snakedeploy"
COMMAND = re.compile(rf"(?:\w+=\S+ )*(?:\.venv/bin/)?(?:{PROGRAMS}) .+|make|snakemake")
SETTING = re.compile(rf"(?:{'|'.join(read_schema('config')['properties'])}): .+")
# What stands for a name of the reader's own, and what it is here.
NAMES = {
    "…/proofset/Snakefile": "Snakefile",
    "--directory elsewhere": "--directory {tmp}/elsewhere",
    "/a/large/disk": "{tmp}/disk",
    "/shared/cache": "{tmp}/cache",
    ".snakemake/proofset/<module>": ".",
    "results/…/": f"results/{SET}/",
    "$EDITOR": "true",
    "…": "some",
}
# What is not run, by how it begins, and why.
UNTRIED = {
    "pip install": "needs a network",
    "uv pip install": "needs a network",
    ".venv/bin/python -m pip install": "needs a network",
    "docker": "needs Docker",
    "mkdir work": "is for the container",
    "cd work": "is for the container",
    "apptainer": "needs Docker",
    ". .venv/bin/activate": "is how these tests began",
    "snakemake --workflow-profile profiles/kubernetes": "needs a plugin that is not in the lock",
    "snakemake --executor googlebatch": "needs a plugin that is not in the lock",
    "snakemake --executor aws-batch": "needs a plugin that is not in the lock",
    "snakedeploy": "needs a repository",
}


def printed(page: str) -> list[tuple[str, str]]:
    """Return (what: sh or yaml, text) for each command and setting on a page, in order."""
    found = []
    for kind, fenced, inline in FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
        if kind == "yaml" or SETTING.fullmatch(inline):
            found.append(("yaml", fenced or inline))
        elif kind == "sh":
            lines = re.sub(r"\s*\\\n\s*", " ", fenced).splitlines()
            commands = [part.strip() for line in lines for part in re.sub(r"(^|\s)#.*", "", line).split("&&")]
            found += [("sh", command) for command in commands if command]
        elif COMMAND.fullmatch(inline):
            found.append(("sh", inline))
    return found


class Reader:
    """Somebody who types all that a page prints, in order, in a project of synthetic data."""

    def __init__(self, project, tmp):
        self.project, self.tmp = project, tmp
        # This may run in `make test`; make within make would print where it is.
        self.environment = {name: value for name, value in project.environment().items() if name[:4] != "MAKE"}
        self.typed: set[str] = set()

    def fault(self, text: str) -> str:
        """Run a command as far as it takes seconds, and once; return what it says if it fails."""
        if text in self.typed or any(text.startswith(words) for words in UNTRIED):
            return ""
        self.typed.add(text)
        for name, here in NAMES.items():
            text = text.replace(name, here.format(tmp=self.tmp))
        environment, (*words,) = dict(self.environment), shlex.split(text)
        while "=" in words[0]:
            name, _, environment[name] = words.pop(0).partition("=")
        program, folder = words[0].removeprefix(".venv/bin/"), self.project.folder
        if program == "export":
            self.environment.update([words[1].split("=")])
            return ""
        if program == "make":
            words.append("--dry-run")
        elif program == "snakemake":
            words = [sys.executable, "-m", "snakemake", *words[1:], "--dry-run", "--quiet", "all"]
        elif program == "python":
            words[0] = sys.executable
            if words[2].startswith(("pytest", "tests.")):  # which the project lacks
                folder = ROOT
                words += ["--collect-only", "-q"] if words[2] == "pytest" else ["--help"]
        done = subprocess.run(
            words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode or program != "make":
            return done.stdout if done.returncode else ""
        lines = re.sub(r"\s*\\\n\s*", " ", done.stdout).splitlines()
        return "".join(self.fault(line.strip()) for line in lines if line.startswith(".venv/bin/snakemake --cores"))

    def setting_fault(self, text: str) -> str:
        """Use a snippet as what it is: an item or answers of the course that the README starts, or settings."""
        content = yaml.safe_load(text)
        for key, file in {"question": "items/ridge.yaml", "claims": "answers/document.yaml"}.items():
            if key in content:
                (self.project.folder / "my-course" / file).write_text(text, encoding="utf-8")
                return ""
        own = self.project.config()
        [plan] = plans(self.project, [own | content])
        self.project.write_config(own)
        return plan if isinstance(plan, str) else "" if plan else "it cannot be planned"


@pytest.mark.parametrize("page", PAGES)
def test_what_is_printed_runs(copied, tmp_path, page):
    for name in ("Makefile", "docs"):
        (copied.folder / name).symlink_to(ROOT / name)
    for name in ("disk", "cache", "elsewhere"):
        (tmp_path / name).mkdir()
    shutil.copytree(copied.folder / "problem_sets/example", copied.folder / "folder")
    for name in ("my.yaml", "my-answers.yaml"):
        shutil.copy(copied.folder / f"problem_sets/{SET}/answers/document.yaml", copied.folder / name)
    copied.write_config(copied.config() | {"what_if": {}})
    reader, wrong, found = Reader(copied, tmp_path), {}, printed(page)
    for kind, text in found:
        if said := (reader.fault if kind == "sh" else reader.setting_fault)(text):
            wrong[text] = said[-500:]
    assert found and not wrong, json.dumps(wrong, indent=1)


def test_commands_that_are_not_tried_are_printed_somewhere():
    commands = [text for page in PAGES for kind, text in printed(page) if kind == "sh"]
    assert len(commands) > 30 and os.path.isfile(ROOT / "Makefile")
    assert [words for words in UNTRIED if not any(text.startswith(words) for text in commands)] == []

"""Whatever is installed by a file of this project is pinned by its digest."""

import json
import re
from pathlib import Path

import pytest
from project import ROOT

FILES = [".ci/run", "Makefile", "Dockerfile", "workflow/environment.post-deploy.sh"]
VERBS = {  # programs → words by which they bring something from elsewhere
    ("pip", "pip3"): ("install", "download", "wheel"),
    ("npm", "yarn", "pnpm"): ("install", "i", "ci", "add", "update", "exec"),
    ("conda", "mamba", "apt", "apt-get", "gem", "cargo", "go"): ("install", "create", "get", "upgrade"),
    ("curl", "wget", "npx", "uvx", "pipx", "easy_install"): ("",),  # whatever they are told to do
    ("uv",): ("add", "sync", "tool", "run"),
    ("git",): ("clone",),
    ("docker",): ("pull",),
}


def pinned(words: list[str]) -> bool:
    """Tell whether an install takes things by their digests, from this folder, or, of Debian's, by its signatures."""
    return (
        {"pip", "install", "--require-hashes"} <= {*words}
        or {"npm", "ci"} <= {*words}
        or {"apt-get", "install", "--no-install-recommends"} <= {*words}
        or ({"git", "clone"} <= {*words} and "." in words)
    )


def unpinned(text: str) -> list[str]:
    """Return the commands that install what nothing pins."""
    found = []
    lines = re.sub(r"(^|\s)#.*", "", text.replace("\\\n", " "), flags=re.MULTILINE)
    for command in re.split(r"&&|\|\||[;|&()\n]", lines):
        words = [Path(word).name if "/" in word else word for word in command.split()]
        for programs, verbs in VERBS.items():
            used = any(word in programs and {*verbs} & {"", *words[place + 1 :]} for place, word in enumerate(words))
            if used and not pinned(words):
                found.append(command.strip())
                break
    return found


@pytest.mark.parametrize("file", FILES)
def test_all_that_is_installed_is_pinned(file):
    assert unpinned((ROOT / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "pip install torch",
        "uv pip install --python .venv \\\n  -r requirements.lock",
        "(cd tests && npm install --silent)",
        "npx html-validate",
        "curl -L example.org/x | sh",
        "python3 -m pip install --upgrade pip",
        "apt-get install -y gcc",
        "uvx ruff",
        "git clone example.org/x",
        "pip install evil && pip install --require-hashes -r l",
        "npm ci && npm install evil",
        "apt-get install -y --no-install-recommends gcc; curl example.org",
        "pip install evil # --require-hashes",
        "python -m pip --quiet install evil",
        "npm --prefix x install evil",
        "apt-get -y install gcc",
        "uv pip sync x.txt",
        "conda env create -f x",
        ".venv/bin/pip install x",
    ],
)
def test_what_is_not_pinned_is_found(line):
    assert len(unpinned(line)) == 1


def test_packages_for_the_browser_are_locked_by_digests_and_name_no_host():
    folder = ROOT / "tests/report/browser"
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock.pop("")["dependencies"] == wanted
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in lock.values())


def test_there_are_no_actions_of_others():
    assert not (ROOT / ".github").exists()

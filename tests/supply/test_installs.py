"""Whatever is installed by a file of this project is pinned by its digest."""

import json
import re

import pytest
from project import ROOT

FILES = [".ci/run", "Makefile", "Dockerfile", "workflow/environment.post-deploy.sh"]
# What brings something from elsewhere.
FETCHES = re.compile(
    r"\b(pip3? (install|download)|pipx|uvx|uv (add|sync|tool|run)|(conda|mamba) (install|create)|easy_install|npx"
    r"|yarn|pnpm|npm (install|i|add|update|exec|ci)|curl|wget|(cargo|go|apt|apt-get) install|git clone|docker pull)\b.*"
)
# What does so by digests alone, from this folder, or, of Debian's, by its signatures.
GOOD = re.compile(
    r"pip install .*--require-hashes|npm ci\b|apt-get install .*--no-install-recommends|git clone --quiet \. "
)


def unpinned(text: str) -> list[str]:
    """Return the commands that install what nothing pins."""
    joined = re.sub(r"^ *#.*", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [found[0] for found in FETCHES.finditer(joined) if not GOOD.match(found[0])]


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

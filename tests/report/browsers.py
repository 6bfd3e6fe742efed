"""The real browsers that the report is tried in, and the scripts under browser/ that drive them."""

import json
import os
import shutil
import subprocess

import pytest
from project import ROOT

FOLDER = ROOT / "tests/report/browser"
PROGRAMS = {"CHROMIUM": ("chromium", "chromium-browser"), "FIREFOX": ("firefox-esr", "firefox")}
FOUND = {
    name: os.environ.get(name) or next(filter(None, map(shutil.which, names)), "") for name, names in PROGRAMS.items()
}


def missing(engine: str) -> str:
    """Say what measurements in an engine need and this machine lacks; what npm can bring is brought."""
    lacking = [name for name in ("node", "npm", "pdftotext") if not shutil.which(name)]
    if lacking or not FOUND[engine.upper()]:
        return f"needs {', '.join([*lacking, *(() if FOUND[engine.upper()] else [engine.capitalize()])])}"
    if not (FOLDER / "node_modules/html-validate").is_dir():
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=FOLDER)
        if done.returncode:
            return "needs `npm install` in tests/report/browser, which failed"
    return ""


def measured(script: str, engine: str, *words: str) -> dict:
    """Return what a script finds; skip the test where there is no such browser, but fail it where CI lacks one."""
    if reason := missing(engine):
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    command = ["node", str(FOLDER / script), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | FOUND, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

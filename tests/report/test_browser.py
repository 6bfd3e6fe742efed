"""The report in a real browser: accessibility, requests, sizes, keyboard, print. Its figures are printed.

Needs Chromium and `npm install` in tests/report/browser, which .ci/run sees to; is skipped where they are missing.
"""

import json
import os
import shutil
import subprocess

import pytest
from project import ROOT

BROWSER = ROOT / "tests/report/browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(not CHROMIUM or not shutil.which("node"), reason="needs Chromium and Node.js")
@pytest.mark.skipif(not (BROWSER / "node_modules").is_dir(), reason="needs `npm install` in tests/report/browser")
def test_page_in_a_browser(request, capsys):
    page = ROOT / "results/report.html"
    if not page.is_file():
        page = request.getfixturevalue("report").path
    command = ["node", str(BROWSER / "measure.mjs"), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROMIUM": CHROMIUM}, timeout=600)
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    missed = figures.pop("missed")
    with capsys.disabled():
        print(f"\n{page.relative_to(page.parents[1])} in a browser: {json.dumps(figures)}")
    assert missed == []

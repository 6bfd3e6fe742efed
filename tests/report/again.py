"""Steps of the report run once more in a finished project."""

import os
import re
import subprocess
import sys

from project import RESULTS, SET


def module(folder, name: str, *arguments: str, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def rerender(folder, *options: str, **environment) -> subprocess.CompletedProcess:
    """Write the report of a project again, to again/report.html."""
    results = folder / RESULTS
    page = (results / "report.html").read_text(encoding="utf-8")
    files = [f"{RESULTS}/{name}" for name in re.findall(r'<tr id="([^"]+)" data-sha256', page)]
    figures = sorted(str(path.relative_to(folder)) for path in (results / "report/figures").glob("*.svg"))
    rules = sorted(str(path.relative_to(folder)) for path in (folder / "workflow/rules").glob("*.smk"))
    return module(
        folder, "scripts.report.page.render", "--problem-set", f"problem_sets/{SET}", "--results", RESULTS,
        "--files", *files, "--figures", *figures, "--workflow", *rules, "--output", "again/report.html", *options,
        **environment,
    )  # fmt: skip

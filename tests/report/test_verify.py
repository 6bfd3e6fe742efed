"""A page is held against the results beside it."""

import re
import shutil
import subprocess

from project import RESULTS, ROOT
from report.again import module


def verify(folder) -> subprocess.CompletedProcess:
    return module(folder, "scripts.report.verify", f"{RESULTS}/report.html")


def test_holds(report):
    done = module(ROOT, "scripts.report.verify", str(report.path))
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d{3,} values and files checked, 0 differ", done.stdout)


def test_altered_number_on_the_page(copied):
    path = copied.folder / RESULTS / "report.html"
    html = path.read_text(encoding="utf-8")
    value = re.search(r'data-k="0.correct"[^>]*>(\d+)</a>', html)
    path.write_text(html[: value.start(1)] + "9" + html[value.start(1) :], encoding="utf-8")
    done = verify(copied.folder)
    assert done.returncode == 1
    assert "0.correct" in done.stdout and "1 differ" in done.stdout


def test_altered_full_value(copied):
    path = copied.folder / RESULTS / "report.html"
    html = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'data-v="(\d)', r'data-v="1\1', html, count=1), encoding="utf-8")
    assert verify(copied.folder).returncode == 1


def test_altered_and_missing_files(copied):
    path = copied.folder / RESULTS / "mnist/history.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = re.sub(r",\d+,", ",7,", lines[1], count=1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (copied.folder / RESULTS / "l1_regression/example.json").unlink()
    done = verify(copied.folder)
    assert done.returncode == 1
    assert "mnist/history.csv: its digest" in done.stdout and "l1_regression/example.json: missing" in done.stdout
    assert "mnist/history.csv#0.correct: 7 in the file" in done.stdout


def test_no_report(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    done = verify(tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1

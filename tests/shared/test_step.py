"""What every step shares: whole files, one-line errors."""

import subprocess
import sys
from zipfile import ZipFile

import numpy as np
import pytest
from project import ROOT

from scripts.shared.step import read_json, whole, write_csv, write_json, write_npz


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "file.txt"
    with whole(target) as part:
        part.write_text("first")
        assert not target.exists()
    assert target.read_text() == "first"
    with pytest.raises(KeyboardInterrupt), whole(target) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "first"
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_json_is_sorted_and_knows_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"b": 0.1 + 0.2, "a": ["σ"]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").index('"a"') < 8
    assert read_json(tmp_path / "a.json") == {"a": ["σ"], "b": 0.30000000000000004}
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"x": float("nan")})
    assert not (tmp_path / "b.json").exists()


def test_tables_and_arrays_are_the_same_bytes_each_time(tmp_path):
    for name in ("one", "two"):
        write_npz(tmp_path / f"{name}.npz", x=np.arange(5), y=np.eye(2))
        write_csv(tmp_path / f"{name}.csv", [{"x": 0.1 + 0.2, "y": None}, {"x": 3, "y": "a, b"}])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with ZipFile(tmp_path / "one.npz") as archive:
        versions = {(entry.create_version, entry.extract_version) for entry in archive.infolist()}
    assert versions == {(20, 20)}, "headers for files over 4 GB, which releases of Python write in different ways"
    assert (tmp_path / "one.csv").read_text() == 'x,y\n0.30000000000000004,\n3,"a, b"\n'


def test_a_failure_is_one_line_without_a_traceback():
    program = "from scripts.shared.step import run, Failure\ndef main(): raise Failure('no such thing')\nrun(main)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (1, "error: no such thing\n", "")

"""What every step shares: whole files, one-line errors."""

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from project import ROOT

from scripts.shared import step
from scripts.shared.step import (
    Failure,
    read_csv,
    read_json,
    read_text,
    reading,
    whole,
    write_csv,
    write_json,
    write_npz,
    write_text,
)


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


def test_a_file_is_flushed_before_it_is_moved_and_its_folder_after(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, Path.replace
    file = "/proc/self/fd/{}".format
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(os.readlink(file(handle))) or fsync(handle))
    monkeypatch.setattr(Path, "replace", lambda path, new: done.append("moved") or replace(path, new))
    write_text(tmp_path / "a", "all of it")
    part, moved, folder = done
    assert Path(part).parent == tmp_path and Path(part).suffix == ".part"
    assert (moved, folder) == ("moved", str(tmp_path))


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127, "x." + "y" * 253])
def test_the_longest_name_that_a_file_can_have(tmp_path, name):
    write_text(tmp_path / name, "long")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["", ".", "/", "fifo"])
def test_what_is_no_file_is_not_replaced(tmp_path, monkeypatch, name):
    """Nor is a device, where who runs this could."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    with pytest.raises(Failure, match="is no file to write; name one"):
        write_text(name, "")
    assert [path.name for path in tmp_path.iterdir()] == ["fifo"] and (tmp_path / "fifo").is_fifo()


@pytest.mark.parametrize("there", ["link", "folder"])
def test_what_stands_in_place_of_the_temporary_file_is_left_alone(tmp_path, there):
    """As in a folder that others may write to."""
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    with whole(tmp_path / "a") as part:
        pass
    if there == "link":
        part.symlink_to(victim)
    else:
        part.mkdir()
    write_text(tmp_path / "a", "mine")
    assert (victim.read_text(), (tmp_path / "a").read_text()) == ("theirs", "mine")
    assert not (tmp_path / "a").is_symlink() and part.exists()


def test_a_temporary_file_of_another_user_is_left_alone(tmp_path, monkeypatch):
    with whole(tmp_path / "a") as part:
        pass
    part.touch()
    opened = os.open

    def refused(path, *more):
        if path == part:
            raise PermissionError(errno.EACCES, "refused", str(path))
        return opened(path, *more)

    monkeypatch.setattr(os, "open", refused)
    monkeypatch.setattr(os, "access", lambda path, how: path != part)
    write_text(tmp_path / "a", "mine")
    assert (tmp_path / "a").read_text() == "mine" and part.exists()


def test_what_no_run_makes_is_not_to_be_deleted(tmp_path):
    (tmp_path / "style.css").write_bytes(b"\xe9")
    with pytest.raises(Failure, match=r"style\.css is damaged .*; save it as UTF-8, or take it from"):
        read_text(tmp_path / "style.css")


@pytest.mark.parametrize(("code", "where"), [(errno.EACCES, ""), (errno.ENOSPC, "a"), (errno.EMFILE, "a")])
def test_no_error_names_the_temporary_file(tmp_path, monkeypatch, code, where):
    """Where it may not be made, it is the folder that rights lack to."""

    def refused(path, *_):
        raise OSError(code, "refused", path)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(OSError) as caught:
        write_text(tmp_path / "a", "")
    assert caught.value.filename == str(tmp_path / where)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_file_has_the_rights_that_the_umask_leaves(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "a", "")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o666 & ~mask


KILLED = """
import os
from scripts.shared.step import whole
with whole("a") as part:
    part.write_text("much more than will be written later")
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_step_left_is_used_again(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, env=environment)
        assert done.returncode == -signal.SIGKILL
        assert len(list(tmp_path.iterdir())) == 1
    write_text(tmp_path / "a", "whole")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "whole")]


@pytest.mark.parametrize("locks", [True, False])
def test_who_writes_the_same_file_at_once_does_not_meet(tmp_path, monkeypatch, locks):
    def none(*_):
        raise OSError(errno.ENOLCK, "no locks")

    if not locks:
        monkeypatch.setattr(step.fcntl, "flock", none)
    with whole(tmp_path / "a") as one:
        one.write_text("one")
        with whole(tmp_path / "a") as other:
            other.write_text("other, longer")
        assert (tmp_path / "a").read_text() == "other, longer"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "one")]


def test_a_failure_of_one_leaves_the_other_alone(tmp_path):
    with whole(tmp_path / "a") as one:
        one.write_text("one")
        with pytest.raises(ValueError, match="other"), whole(tmp_path / "a"):
            raise ValueError("other")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "one")]


def test_json_is_sorted_and_knows_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"b": 0.1 + 0.2, "a": ["σ"]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").index('"a"') < 8
    assert read_json(tmp_path / "a.json") == {"a": ["σ"], "b": 0.30000000000000004}
    write_json(tmp_path / "b.json", {"x": float("nan"), "y": [{"z": (float("-inf"), 1.5, True)}]})
    assert read_json(tmp_path / "b.json") == {"x": None, "y": [{"z": [None, 1.5, True]}]}


def test_tables_and_arrays_are_the_same_bytes_each_time(tmp_path):
    for name in ("one", "two"):
        write_npz(tmp_path / f"{name}.npz", x=np.arange(5), y=np.eye(2))
        write_csv(tmp_path / f"{name}.csv", [{"x": 0.1 + 0.2, "y": None}, {"x": 3, "y": "a, b"}])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with ZipFile(tmp_path / "one.npz") as archive:
        versions = {(entry.create_version, entry.extract_version) for entry in archive.infolist()}
    assert versions == {(20, 20)}, "headers for files over 4 GB, which releases of Python write in different ways"
    assert (tmp_path / "one.csv").read_text() == 'x,y\n0.30000000000000004,\n3,"a, b"\n'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.json", b'{"half":', "Expecting value"),
        ("a.json", b'{"a": "\xff"}', "utf-8"),
        ("a.csv", b"x,y\n1,2\n3", "cut off"),
        ("a.csv", b'x,y\n1,"2', "end of data"),
        ("a.npz", b"PK\x03\x04 half", "zip"),
        ("a.npz", b"", "No data left"),
        ("a.npz", b"neither zip nor array", ""),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content, why):
    def npz(path):
        with reading(path), np.load(path) as arrays:
            return arrays["x"]

    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Failure, match=f"{path} is damaged .*{why}.*; delete it and run again$"):
        {".json": read_json, ".csv": read_csv, ".npz": npz}[path.suffix](path)


def ended(capsys, error: BaseException) -> tuple[int, str]:
    """Return the exit status and the standard error of a step that raises an error."""

    def main():
        raise error

    with pytest.raises(SystemExit) as caught:
        step.run(main)
    return caught.value.code, capsys.readouterr().err


@pytest.mark.parametrize("code", sorted(step.WHAT_TO_DO))
def test_what_surroundings_do_to_a_step_is_one_line(tmp_path, capsys, monkeypatch, code):
    """What, where, what to do: whether it strikes while a file is written, read, or opened."""

    def struck(*_):
        raise OSError(code, os.strerror(code))

    line = f"error: {tmp_path}/a.json: {os.strerror(code).lower()}; {step.WHAT_TO_DO[code]}\n"
    with pytest.raises(OSError) as caught, reading(tmp_path / "a.json"):
        struck()
    assert ended(capsys, caught.value) == (1, line)
    monkeypatch.setattr(os, "fsync", struck)
    with pytest.raises(OSError) as caught:
        write_json(tmp_path / "a.json", {})
    assert ended(capsys, caught.value) == (1, line)
    assert not list(tmp_path.iterdir())
    assert ended(capsys, OSError(code, os.strerror(code), f"{tmp_path}/a.json")) == (1, line)


def test_a_full_disk_where_nobody_knows_which_file(capsys):
    line = f"error: a file in {os.getcwd()}: no space left on device; free some space and run again\n"
    assert ended(capsys, OSError(errno.ENOSPC, "full")) == (1, line)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_no_memory_is_one_line(capsys, error):
    assert ended(capsys, error) == (1, f"error: {step.NO_MEMORY}\n")


def test_what_fails_without_saying_of_memory_is_one_line(capsys):
    for error, line in (
        (RuntimeError("can't start new thread"), step.NO_THREAD),
        (SystemError("error return without exception set"), step.UNSAID),
    ):
        assert ended(capsys, error) == (1, f"error: {line}\n")


def test_numpy_and_torch_without_memory(capsys):
    import torch

    for allocate in (lambda: np.ones(2**47), lambda: torch.ones(2**50)):
        with pytest.raises((MemoryError, RuntimeError)) as caught:
            allocate()
        assert ended(capsys, caught.value) == (1, f"error: {step.NO_MEMORY}\n")


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA error: out of memory\nSearch for it")])
def test_a_file_is_not_called_damaged_for_want_of_memory(tmp_path, capsys, error):
    with pytest.raises(type(error)) as caught, reading(tmp_path / "a.npz"):
        raise error
    assert ended(capsys, caught.value) == (1, f"error: {step.NO_MEMORY}\n")


@pytest.mark.parametrize("then", [None, RuntimeError("cannot open font")])
def test_what_python_would_ignore_ends_a_step(capsys, then):
    """Such as an error in a callback of C: what comes after it may be wrong, or fails without saying why."""

    class Destroyed:
        def __del__(self):
            raise OSError(errno.EIO, os.strerror(errno.EIO), "font.ttf")

    def main():
        Destroyed()
        if then:
            raise then

    with pytest.raises(SystemExit) as caught:
        step.run(main)
    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: font.ttf: input/output error; look after the disk, and run again\n"


@pytest.mark.parametrize("option", ["--seed -1", "--hidden 0 8", "--epochs 0", "--count -1", "--first x"])
def test_numbers_out_of_range_are_told(capsys, monkeypatch, option):
    """Of a step by hand; the workflow's are checked by its schemas."""
    from scripts.mnist import replicate

    monkeypatch.setattr(sys, "argv", ["replicate", *option.split()])
    with pytest.raises(SystemExit, match="2"):
        replicate.main()
    name, number = option.split()[:2]
    assert f"error: argument {name}: '{number}' is no whole number from " in capsys.readouterr().err


@pytest.mark.parametrize("module", ["scripts.datasets.read", "scripts.fashion_mnist.train"])
def test_no_memory_even_to_import(module):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (60_000_000, 60_000_000))

    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, cwd=ROOT, preexec_fn=limit, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"error: {step.NO_MEMORY}\n")


@pytest.mark.parametrize("error", [ZeroDivisionError(), RuntimeError("shapes differ"), OSError("nothing known")])
def test_a_fault_of_our_own_keeps_its_traceback(error):
    def main():
        raise error

    with pytest.raises(type(error)):
        step.run(main)


PRINTS = """
import sys
from scripts.shared.step import run
def main():
    print("much", flush="now" in sys.argv)
run(main)
"""


@pytest.mark.parametrize("when", ["now", "at the end"])
def test_where_nothing_can_be_printed_any_more(when):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", PRINTS, when]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    line = "error: what is printed: no space left on device; free some space and run again\n"
    assert (done.returncode, done.stderr) == (1, line)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_without_input_or_output(closed):
    script = f'exec "$0" -c "from scripts.shared.step import run; run(lambda: print(1))" {closed}'
    done = subprocess.run(["sh", "-c", script, sys.executable], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""


def test_when_nobody_reads_what_is_printed():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-c", PRINTS], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    line = "error: what is printed: broken pipe; let it be read to its end\n"
    assert (done.returncode, done.stderr) == (1, line)


def test_ctrl_c_says_nothing():
    program = "import os; from scripts.shared.step import run; run(lambda: os.kill(os.getpid(), 2))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (130, "", "")


def test_a_failure_is_one_line_without_a_traceback():
    program = "from scripts.shared.step import run, Failure\ndef main(): raise Failure('no such thing')\nrun(main)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (1, "error: no such thing\n", "")

"""What was made and then altered is used by no run; what only looks altered is."""

import os
import shutil
import subprocess
import sys

import pytest
from project import ROOT

SNAKEFILE = """
from scripts.shared.made import keep
rule use:
    input: "a", "theirs", kept="kept"
    output: "b"
    shell: "cat a theirs > {output}"
rule make:
    output: "a"
    params: options=config.get("options", "one")
    shell: "echo {params.options} > a"
rule add:
    output: update("kept")
    params: options=config.get("options", "one")
    shell: "echo {params.options} >> kept; [ {params.options} != bad ]"
keep(workflow, list(workflow.rules))
rule other:
    output: "theirs"
    shell: "echo other > {output}"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A directory in which all has been made."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "Snakefile").write_text(SNAKEFILE)
    assert run(folder).returncode == 0
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of it to change at will."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def run(folder, *options: str, within: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    command = [*within, sys.executable, "-m", "snakemake", "--cores", "1", "--rerun-incomplete", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def flip(path, times=None) -> bytes:
    """Flip a bit in mid-file; with `times` (ns), no clock tells. Return what is there now."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    if times:
        os.utime(path, ns=times)
    return bytes(data)


def test_what_was_altered_is_not_used_until_it_is_made_again(folder):
    flip(folder / "a")
    for options in [("--dry-run",), ()]:
        done = run(folder, *options)
        line = "a: not as made by the workflow (damaged, or edited); delete it and run again: rm a"
        assert done.returncode == 1 and line in done.stdout.splitlines(), done.stdout
        assert "Traceback" not in done.stdout and "made.py" not in done.stdout
    assert run(folder, "--summary").returncode == 0
    (folder / "a").unlink()
    assert run(folder).returncode == 0
    assert (folder / "b").read_text() == "one\nother\n"


def test_file_times_do_not_hide_it(folder):
    before = (folder / "a").stat()
    flip(folder / "a", (before.st_atime_ns, before.st_mtime_ns))
    assert "Nothing to be done" in run(folder).stdout  # nothing uses it
    assert "rm a" in run(folder, "--force", "b").stdout


def test_no_job_goes_on_from_a_damaged_file_of_its_own(folder):
    damaged = flip(folder / "kept")
    options = ("--config", "options=two")
    assert "kept: not as made" in run(folder, "--dry-run", *options).stdout
    assert (folder / "kept").read_bytes() == damaged
    assert run(folder, *options).returncode == 0
    assert (folder / "kept").read_text() == "two\n"


def test_what_a_killed_run_left_unfinished_is_no_damage(folder):
    """Nor is what another run makes just now; both are marked as incomplete."""
    flip(folder / "kept")
    (folder / ".snakemake/incomplete/a2VwdA==").write_text('{"external_jobid": null}')
    for options in [("--dry-run",), ()]:
        done = run(folder, *options)
        assert done.returncode == 0 and "not as made" not in done.stdout and "rule add:" in done.stdout, done.stdout


def test_a_failed_update_is_done_again(folder):
    """Snakemake puts back what was there before, and then records that the job has made it."""
    assert run(folder, "--config", "options=bad", "--", "kept").returncode == 1
    assert (folder / "kept").read_text() == "one\n"
    assert "rule add:" in run(folder, "--config", "options=bad", "--dry-run", "--", "kept").stdout


def test_the_same_bytes_are_no_damage(folder):
    (folder / "a").write_bytes((folder / "a").read_bytes())
    assert run(folder, "--force", "b").returncode == 0


def test_what_cannot_be_read_is_not_called_damaged(folder):
    """The step that reads it says why it cannot."""
    (folder / "b").unlink()
    (folder / "a").chmod(0)
    within = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    done = run(folder, within=within)
    assert done.returncode == 1 and "a: Permission denied" in done.stdout and "not as made" not in done.stdout
    (folder / "a").chmod(0o644)
    assert run(folder).returncode == 0


def test_without_records_nothing_is_compared(folder):
    flip(folder / "theirs")
    done = run(folder)
    assert done.returncode == 0, done.stdout
    assert (folder / "b").read_text() != "one\nother\n"
    flip(folder / "a")
    assert run(folder, "--cleanup-metadata", "a").returncode == 0
    assert run(folder, "--force", "b").returncode == 0


def test_an_edit_can_be_kept(folder):
    (folder / "a").write_text("edited\n")
    assert run(folder, "--touch", "--force", "a").returncode == 0
    assert run(folder).returncode == 0
    assert (folder / "b").read_text() == "edited\nother\n"


@pytest.mark.parametrize("damage", [b"\xff", b"7", b""])
def test_what_a_damaged_record_is_of_is_made_again(folder, damage):
    """A record that is no text, whose settings are others, or that was never written to the disk."""
    [record] = (folder / ".snakemake/metadata").glob("YQ==")
    data = record.read_bytes()
    assert data.count(b"one") > 0
    record.write_bytes(data.replace(b"one", b"on" + damage) if damage else b"")
    done = run(folder)
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    assert "rule make:" in done.stdout and "its record was damaged" in done.stdout
    assert "Nothing to be done" in run(folder).stdout

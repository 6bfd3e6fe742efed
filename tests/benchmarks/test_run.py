"""The bench's parts: how a command is timed, which commands a run printed, and what the scripts beside it do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT

from scripts.shared.step import Failure
from tests.benchmarks import bare, run
from tests.benchmarks.run import Done

PRINTED = """Building DAG of jobs...
Shell command: python -m scripts.mnist.replicate --ensemble ulp --first 1 --count 33 --epochs 3 2>&1 | tee logs/a.log
Shell command: '/of a run/bin/python' -m scripts.relu.fit --points a.txt --output results/a.json &> 'logs/a set/b.log'
[Wed Nov 25 20:16:12 2026]
"""


def test_a_command_is_timed(tmp_path):
    done = run.timed([sys.executable, "-c", "x = bytearray(80_000_000); sum(range(10**7)); print('said')"], tmp_path)
    assert done.output == "said\n"
    assert done.processor_seconds > 0 and done.seconds > 0
    assert done.megabytes > 80


def test_a_child_of_a_command_counts(tmp_path):
    """As steps do, which Snakemake starts."""
    inner = "x = bytearray(80_000_000)"
    done = run.timed([sys.executable, "-c", f"import os; os.system({f'{sys.executable} -c {inner!r}'!r})"], tmp_path)
    assert done.megabytes > 80


def test_a_command_that_fails_says_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LOG", tmp_path / "logs" / "bench.log")
    with pytest.raises(Failure, match=r"^.* -m nowhere failed with status 1; what it said stands in .*bench\.log$"):
        run.timed([sys.executable, "-m", "nowhere"], tmp_path)
    assert "No module named nowhere" in run.LOG.read_text()
    with pytest.raises(Failure, match=r"^no-such-command -x: .*No such file or directory.*$"):
        run.timed(["no-such-command", "-x"], tmp_path)


def test_one_core_and_whose_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/of/a/peer")
    asks = "import os; e = os.environ; print(e.get('PYTHONPATH'), e['OMP_NUM_THREADS'], len(os.sched_getaffinity(0)))"
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("cores cannot be chosen here")
    cores = len(os.sched_getaffinity(0))
    for one_core, peer, said in (
        (False, False, f"None 7 {cores}"),
        (True, False, "None 1 1"),
        (True, True, "/of/a/peer 1 1"),
    ):
        assert run.timed([sys.executable, "-c", asks], tmp_path, one_core, peer).output.strip() == said


def test_commands_that_a_run_printed():
    replicate, fit = run.commands(PRINTED)
    assert run.module(replicate) == "scripts.mnist.replicate"
    assert run.trainings(replicate) == 33
    assert run.trainings("python -m scripts.a --ensembles seeds b c --first 1 --count 5 --epochs 3") == 15
    assert run.trainings("python -m scripts.a --history runs/1/h.csv runs/2/h.csv --last-batch b c d") == 2
    assert run.with_epochs(replicate, 1).endswith("--count 33 --epochs 1")
    assert fit.startswith("'/of a run/bin/python' -m scripts.relu.fit") and fit.endswith("--output results/a.json")
    assert run.module(fit) == "scripts.relu.fit"


def test_trainings_are_steps_of_the_workflow():
    for module in run.TRAININGS:
        assert (ROOT / (module.replace(".", "/") + ".py")).exists()


def test_start_up_is_no_part_of_an_epoch():
    few, many = Done(9, 5.0, 100, ""), Done(9, 11.0, 100, "")
    assert run.an_epoch(few, many, 2 * 3).seconds == 1


def test_a_copy_holds_what_git_tracks(tmp_path):
    folder = run.copied(tmp_path / "copy", None)
    assert (folder / "Snakefile").read_bytes() == (ROOT / "Snakefile").read_bytes()
    assert not {"results", "resources", ".venv", "logs"} & {path.name for path in folder.iterdir()}


def test_a_digest_is_of_names_and_bytes(tmp_path):
    seen = []
    for name, content in (("a", "1"), ("a", "2"), ("b", "2")):
        folder = tmp_path / str(len(seen))
        (folder / "results").mkdir(parents=True)
        (folder / "results" / name).write_text(content)
        seen.append(run.digest(folder))
    assert len(set(seen)) == 3


@pytest.mark.parametrize("library", bare.LIBRARIES)
def test_bare_products_are_those_of_an_epoch(library):
    """Forward 4 products; backward 4 for the weights and 3 for the values."""
    multiply, array = bare.LIBRARIES[library]
    made = []

    def counted(a, b, out):
        made.append((a.shape[0], a.shape[1], b.shape[1]))
        return multiply(a, b, out=out)

    forward, backward = bare.products(counted, array)
    forward()
    assert made == [(64, a, b) for a, b in zip(bare.WIDTHS, bare.WIDTHS[1:], strict=False)]
    made.clear()
    backward()
    assert len(made) == 7
    assert sum(a * b * c for a, b, c in made) == 64 * (2 * (784 * 256 + 256 * 128 + 128 * 64 + 64 * 10) - 784 * 256)


def test_the_textbook_script(tmp_path, official_files):
    for dataset, files in official_files.items():
        (tmp_path / dataset).mkdir()
        for name, content in files.items():
            (tmp_path / dataset / name).write_bytes(content)
    options = ["--fashion-mnist-epochs", "2", "--mnist-epochs", "1"]
    done = run.timed([sys.executable, "-m", "tests.benchmarks.textbook", str(tmp_path), *options], ROOT)
    lines = done.output.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["epoch 1", "epoch 2", "Fashion-MNIST"]
    assert float(lines[0].split()[4].strip(",")) / 2 == pytest.approx(2.3, abs=0.2)  # two batches, of ten classes
    assert run.told(done, "MNIST").seconds > 0
    assert len(lines) == 6


def test_the_peer_says_what_it_needs(tmp_path):
    (tmp_path / "jax.py").write_text("raise ImportError")
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.jax_peer", "resources"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "error: JAX is not installed; run uv pip install --target DIR jax, and set PYTHONPATH=DIR\n"


def test_the_peer_is_no_dependency():
    for name in ("requirements.lock", "pyproject.toml"):
        assert "jax" not in Path(ROOT, name).read_text(encoding="utf-8")


SAID = "MNIST: 17.0 s\nFashion-MNIST: 70.0 s\nMNIST epoch: 0.4 s\nFashion-MNIST epoch: 0.5 s\n"
RUN = """
Shell command: python -m scripts.formulas.derive --folder results/a/derivations &> logs/e.log
Shell command: python -m scripts.mnist.replicate --ensembles a b --first 1 --count 5 --epochs 3 2>&1 | tee logs/f.log
Shell command: python -m scripts.mnist.train --epochs 3 2>&1 | tee logs/a.log
Shell command: python -m scripts.mnist.replicate --ensembles ulp --count 33 --epochs 3 2>&1 | tee logs/b.log
Shell command: python -m scripts.fashion_mnist.replicate --epochs 25 --history a b c d --output e 2>&1 | tee logs/c.log
Shell command: python -m scripts.relu.fit --output results/a.json &> logs/d.log
"""


@pytest.fixture
def played(tmp_path, monkeypatch):
    """A bench that runs nothing: each command takes a second, and says what scripts and runs say."""

    def timed(command, folder, **how):
        return Done(1.0, 2.0, 100.0, f"{SAID}Fashion-MNIST products, by numpy: 0.4 s\n{RUN}")

    def copied(folder, resources):
        (folder / "report").mkdir(parents=True)
        (folder / "results/a/derivations").mkdir(parents=True)
        return folder

    monkeypatch.setattr(run, "timed", timed)
    monkeypatch.setattr(run, "copied", copied)
    monkeypatch.setattr(run.machine, "cores", lambda: 2)
    monkeypatch.setattr(run, "code", lambda: "some code")
    monkeypatch.setattr(run.record, "CSV", tmp_path / "benchmark.csv")
    bench = run.Bench(tmp_path, "")
    bench.jax = True
    return bench


def test_everything_in_the_table_is_measured(played):
    played.all(2, list(run.PARTS))
    measured = {row.what for row in run.record.stored().rows}
    assert {name for row in run.record.ROWS for name in (row.what, row.other) if name} <= measured
    assert {"cores 1", "cores 4", "more mnist 99 999", "more fashion_mnist 8 99"} <= measured
    assert "cores 2" not in measured  # which the turns are


def test_the_order_rotates(played):
    played.all(3, ["turns"])
    order = [row.what for row in played.rows if row.what in ("yardstick", "peer", "project")]
    turns = [order[i : i + 3] for i in (0, 3, 6)]
    assert all(sorted(turn) == ["peer", "project", "yardstick"] for turn in turns)
    assert len({turn[0] for turn in turns}) == 3


def test_what_is_not_measured_anew_is_kept(played, tmp_path):
    played.all(2, ["turns", "cores"])
    again = run.Bench(tmp_path / "again", "")
    again.all(1, ["cores"])
    rows = run.record.stored().rows
    assert [row.turn for row in rows if row.what == "project"] == [1, 2]
    assert sum(row.what == "cores 1" for row in rows) == 1


def test_rows_of_two_days_name_both(played, tmp_path, monkeypatch):
    played.all(1, ["turns"])
    described = run.machine.described()
    first = described["day"]
    monkeypatch.setattr(run.machine, "described", lambda: described | {"day": "9999-12-31"})
    run.Bench(tmp_path / "again", "").all(1, ["cores"])
    assert run.record.stored().machine["day"] == f"{first} and 9999-12-31"


def test_rows_of_other_code_are_dropped(played, tmp_path, monkeypatch):
    played.all(1, ["turns"])
    assert run.record.stored().machine["run"] == "5 Fashion-MNIST runs, 43 MNIST replicas"
    monkeypatch.setattr(run, "code", lambda: "other code")
    run.Bench(tmp_path / "again", "").all(1, ["cores"])
    assert {row.what for row in run.record.stored().rows} == {"cores 1", "cores 4"}


def test_the_code_is_what_is_measured(tmp_path, monkeypatch):
    files = ["README.md", "docs/benchmark.csv", "scripts/a.py", "config.yaml"]
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "tracked", lambda: files)
    seen = [run.code()]
    for name in files:
        (tmp_path / name).write_text("2")
        seen.append(run.code())
    assert seen[0] == seen[1] == seen[2] and len(set(seen)) == 3


def test_derivations_are_made_anew(played):
    def step(command):
        if "derive" in command:
            assert not (played.finished / "results/a/derivations").exists()
        return Done(1.0, 2.0, 100.0, "")

    played.step = step
    played.all(1, ["steps"])

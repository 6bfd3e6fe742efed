"""What can go wrong: each fault gives one clear line or a clean resume, no half file, and a good next run."""

import http.server
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from functools import partial

import pytest
from project import RESULTS, SET, edited

FILES = ["resources/mnist/t10k-labels-idx1-ubyte.gz"]


def leftovers(project) -> list[str]:
    """Return temporary files that a step left behind."""
    folders = [project.folder / name for name in ("results", "resources")]
    return [str(path) for folder in folders for path in folder.rglob(".*") if path.name not in {".snakemake_timestamp"}]


@pytest.fixture
def server(new_project):
    """Serve the mirror over HTTP on this machine; the address is the fixture's value."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=new_project.mirror)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"mnist": {"replica": 9}}, "configuration, mnist: unknown key 'replica'; did you mean 'replicas'?"),
        ({"what_if": {"mnist": {"epoch": 3}}}, "what_if.mnist: unknown key 'epoch'; did you mean 'epochs'?"),
        ({"what_if": {"minst": {"epochs": 3}}}, "what_if: 'minst' is no experiment; did you mean 'mnist'?"),
        ({"problem_set": "problem_sets"}, "problem_sets has no set.yaml"),
        ({"sede": 1}, "configuration, top level: unknown key 'sede'"),
        ({"mnist": {"replicas": "ten"}}, "configuration, mnist.replicas: 'ten' is not of type 'integer'"),
        ({"what_if": {"fashion_mnist": {"learning_rate": -1}}}, "what_if.fashion_mnist.learning_rate: -1 is less than"),
        ({"verdicts": {"alpha": 0.9}}, "configuration, verdicts.alpha: 0.9 is greater than the maximum of 0.2"),
    ],
)
def test_bad_configuration(new_project, change, line):
    config = new_project.config()
    for key, value in change.items():
        config[key] = config[key] | value if isinstance(value, dict) else value
    new_project.write_config(config)
    done = new_project.snakemake("--dry-run", good=False)
    assert sum(line in printed for printed in done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("claims: [", "is no YAML"),
        ("name: x\nclaims: [{id: p9z, stated: '1'}]\n", "the problem set asks for no claim p9z"),
        ("name: x\nclaims: [{id: p1a, stated: [[3]]}]\n", "claims.0.stated"),
        ("name: x\nanswers: []\nclaims: []\n", "unknown key 'answers'"),
    ],
)
def test_malformed_answers(copied, text, line):
    (copied.folder / f"problem_sets/{SET}/answers/document.yaml").write_text(text, encoding="utf-8")
    done = copied.snakemake("--cores", "2", good=False)
    assert len({printed for printed in done.stdout.splitlines() if line in printed}) == 1, done.stdout[-3000:]
    assert "Traceback" not in done.stdout


def test_dead_mirrors(new_project):
    new_project.pin_mirrors(["http://127.0.0.1:9"])
    new_project.write_config(new_project.config() | {"mirror": "/no/such/folder"})
    done = new_project.snakemake("--cores", "1", *FILES, good=False)
    errors = {line for line in done.stdout.splitlines() if line.startswith("error: ")}
    assert len(errors) == 1
    assert "no mirror worked" in errors.pop()
    assert "Traceback" not in done.stdout
    assert leftovers(new_project) == []
    assert not (new_project.folder / FILES[0]).exists()

    new_project.write_config(new_project.config() | {"mirror": str(new_project.mirror)})
    new_project.snakemake("--cores", "1", *FILES)
    assert (new_project.folder / FILES[0]).read_bytes() == (new_project.mirror / FILES[0][10:]).read_bytes()


def test_public_mirror_after_a_dead_one(new_project, server):
    new_project.pin_mirrors(["http://127.0.0.1:9", server])
    new_project.write_config(new_project.config() | {"mirror": ""})
    done = new_project.snakemake("--cores", "1", *FILES)
    assert "skipped http://127.0.0.1:9" in done.stdout
    assert (new_project.folder / FILES[0]).read_bytes() == (new_project.mirror / FILES[0][10:]).read_bytes()


@pytest.mark.parametrize("damage", [lambda data: data[:-7], lambda data: data[:-1] + bytes([data[-1] ^ 1])])
def test_damaged_download(new_project, server, damage):
    """A truncated or altered file on every mirror is refused; it never stands under resources/."""
    source = new_project.mirror / FILES[0][10:]
    right = source.read_bytes()
    source.write_bytes(damage(right))
    new_project.pin_mirrors([server])
    done = new_project.snakemake("--cores", "1", *FILES, good=False)
    assert "no mirror worked" in done.stdout
    assert not (new_project.folder / FILES[0]).exists()
    assert leftovers(new_project) == []

    source.write_bytes(right)
    new_project.snakemake("--cores", "1", *FILES)
    assert (new_project.folder / FILES[0]).read_bytes() == right


def test_damage_on_disk_is_noticed(copied):
    path = copied.folder / "resources/mnist/train-labels-idx1-ubyte.gz"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    done = copied.snakemake("--cores", "2", good=False)
    assert "train-labels-idx1-ubyte.gz has the wrong SHA-256; delete it and run again" in done.stdout
    path.unlink()
    copied.snakemake("--cores", "2")


KILLED = """    import os
    from scripts.shared.step import whole
    with whole(args.output):
        os.kill(os.getpid(), 9)
"""


def test_a_step_that_is_killed_alone(finished, copied):
    """As the system does for want of memory: it is said once, and the next run leaves nothing behind."""
    result, last = f"{RESULTS}/relu/dataset-1.json", "    write_json(args.output, fit("
    edited(copied.folder, "scripts/relu/fit.py", last, KILLED + last)
    printed = copied.snakemake("--cores", "1", result, good=False).stdout
    assert printed.count("A step was killed, most likely because memory ran out") == 1
    assert len(leftovers(copied)) == 1
    edited(copied.folder, "scripts/relu/fit.py", KILLED, "")
    copied.snakemake("--cores", "4")
    assert leftovers(copied) == []
    assert copied.digests() == finished.digests()


def said(printed: str) -> set[str]:
    """Return the lines that say what is wrong, insisting that no traceback does."""
    assert "Traceback" not in printed
    return {line for line in printed.splitlines() if line.startswith("error: ") or "run again" in line}


def test_a_file_that_cannot_be_written_whole(finished, copied):
    """No file may hold more bytes than the report has: one line says so, and the next run goes on."""
    (copied.folder / f"{RESULTS}/report.html").unlink()
    limited = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))}
    printed = copied.snakemake("--cores", "1", good=False, **limited).stdout
    assert said(printed) == {f"error: {RESULTS}/report.html: file too large; raise the limit (ulimit -f) and run again"}
    copied.snakemake("--cores", "4")
    assert leftovers(copied) == []
    assert copied.digests() == finished.digests()


@pytest.mark.parametrize("name", ["runs", "locks"])
def test_what_snakemake_cannot_write(copied, name):
    """Its own records, locks and notes: one line says so."""
    (copied.folder / f"{RESULTS}/report.html").unlink()
    path = copied.folder / ".snakemake" / name
    shutil.rmtree(path, ignore_errors=True)
    path.touch()
    printed = copied.snakemake("--cores", "1", good=False).stdout
    assert "Traceback" not in printed
    assert sum(f"{path}: " in line or f".snakemake/{name}: " in line for line in printed.splitlines()) == 1
    path.unlink()
    copied.snakemake("--cores", "1")


def test_kill_in_mid_training_and_resume(finished, copied):
    """SIGKILL to Snakemake in mid-training: the next run ends that training and completes, with the same bytes."""
    for file in (copied.folder / RESULTS / "mnist").glob("*.*"):
        file.unlink()
    config = copied.config()
    short = config["what_if"]["mnist"]["epochs"]
    config["what_if"]["mnist"]["epochs"] = 1000
    copied.write_config(config)
    process = subprocess.Popen(
        copied.command("--cores", "1", f"{RESULTS}/mnist/history.csv"),
        cwd=copied.folder,
        env=copied.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    log = copied.folder / f"logs/{SET}/mnist/train.log"
    log.unlink()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (log.exists() and "after epoch 1" in log.read_text()):
        time.sleep(0.1)
    assert process.poll() is None, process.stdout.read().decode()
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert subprocess.run(["pgrep", "-s", str(process.pid), "-f", "scripts.mnist.train"]).returncode == 0
    assert not (copied.folder / f"{RESULTS}/mnist/history.csv").exists()

    config["what_if"]["mnist"]["epochs"] = short
    copied.write_config(config)
    assert "goes on from there" in copied.snakemake("--cores", "4").stdout
    assert subprocess.run(["pgrep", "-s", str(process.pid)]).returncode == 1
    assert leftovers(copied) == []
    assert copied.digests() == finished.digests()


def test_a_damaged_result_is_used_by_no_run_and_can_be_made_again(finished, copied):
    path = f"{RESULTS}/fashion_mnist/samples.csv"
    edited(copied.folder, path, "0.1", "0.2")
    said = {copied.snakemake("--cores", "2", *options, good=False).stdout for options in [(), ("--dry-run",)]}
    line = f"{path}: not as made by the workflow (damaged, or edited); delete it and run again: rm {path}"
    assert all(line in output.splitlines() and "Traceback" not in output for output in said), said
    (copied.folder / path).unlink()
    copied.snakemake("--cores", "4")
    assert copied.digests() == finished.digests()
    assert copied.planned() == set()


def test_whatever_the_report_is_checked_against_is_made_again(copied):
    """What is deleted is no longer "nothing to be done" while the check of the report fails."""
    page = (copied.folder / RESULTS / "report.html").read_text(encoding="utf-8")
    files = re.findall(r'<tr id="([^"]+)" data-sha256', page) + re.findall("<!--file (.*?)-->", page)
    assert len(files) > 50
    for name in files:
        (copied.folder / RESULTS / name).unlink()
    plan = copied.snakemake("--dry-run", "--quiet", "host").stdout
    made = set(re.findall(r"[^\s,]+", " ".join(re.findall("^    output: (.*)", plan, re.MULTILINE))))
    assert made >= {f"{RESULTS}/{name}" for name in files}

"""What a run took is drawn in a file of its own when the run is over."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from project import RESULTS, ROOT, SET

from scripts.report.record import SLACK, clock, in_lanes, last_full, read_steps, timeline

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
BEGAN = 1_000_000_000
VOID = {"meta"}


def benchmark(folder, name: str, start: float, seconds: float, megabytes: object = "100.40") -> None:
    """Write a benchmark of a step that began `start` seconds after the run did."""
    path = folder / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}{seconds:.2f}\t0:00:00\t{megabytes}" + "\t-" * 7 + "\n", encoding="utf-8")
    os.utime(path, (BEGAN + start + seconds,) * 2)


@pytest.fixture
def folder(tmp_path):
    """Return the benchmarks of a run on two cores, and of one before it."""
    folder = tmp_path / "some benchmarks"
    for name, start, seconds, megabytes in (
        ("datasets/read/mnist", -100, 5, 80),
        ("datasets/read/fashion-mnist", -90, 7.5, 90),
        ("mnist/train", 1, 6, 500),
        ("relu/fit", 1, 0.2, "-"),
        ("mnist/replicate/ulp/0", 1.25, 3.75, 80),
        ("mnist/replicate/ulp/<1> & 'a'", 5, 1.5, "NA"),
        ("report/draw figures", 7, 1, 85),
        ("report/write_report", 8, 2, 205),
    ):
        benchmark(folder, name, start, seconds, megabytes)
    return folder


def record(folder, *more: str, good: bool = True, made: bool = True) -> tuple[str, str]:
    """Run the step on the benchmarks; return what it printed and the page, if there is one."""
    page = folder.parent / "logs" / "run.html"
    report = folder.parent / "results of it" / "report.html"
    if made:
        report.parent.mkdir(exist_ok=True)
        report.touch()
    command = [sys.executable, "-m", "scripts.report.record", "--benchmarks", folder, "--report", report]
    done = subprocess.run([*command, "--output", page, *more], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode == 0) == good, done.stderr
    return done.stdout + done.stderr, page.read_text(encoding="utf-8") if page.exists() else ""


class Elements(HTMLParser):
    """Collects (tag, attributes) of a page and insists that each element is closed in its turn."""

    def __init__(self, page: str):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def bars(page: str) -> dict[str, str]:
    """Return the style of each bar by the name of its step."""
    return {
        attributes["title"].partition(":")[0]: attributes["style"]
        for tag, attributes in Elements(page).found
        if tag == "span" and "title" in attributes
    }


def test_steps_start_when_their_time_before_the_end_of_the_benchmark(folder):
    steps = read_steps(folder)
    assert [step.name for step in steps][:3] == ["datasets/read/mnist", "datasets/read/fashion-mnist", "mnist/train"]
    train = steps[2]
    assert (train.start - BEGAN, train.end - BEGAN, train.megabytes) == (pytest.approx(1), pytest.approx(7), 500)
    assert {step.name: step.megabytes for step in steps if step.megabytes is None} == {
        "relu/fit": None,
        "mnist/replicate/ulp/<1> & 'a'": None,
    }


def test_lanes_are_as_many_as_ran_at_once_and_never_overlap(folder):
    lanes = in_lanes([step for step in read_steps(folder) if step.end > BEGAN])
    assert [[step.name for step in lane] for lane in lanes] == [
        ["mnist/train", "report/draw figures", "report/write_report"],
        ["relu/fit", "mnist/replicate/ulp/0", "mnist/replicate/ulp/<1> & 'a'"],
    ]


def test_no_lane_overlaps_among_many(tmp_path):
    for number in range(200):
        benchmark(tmp_path, f"mnist/{number}", (number * 37) % 50, (number * 7) % 11)
    steps = read_steps(tmp_path)
    lanes = in_lanes(steps)
    assert sorted(step for lane in lanes for step in lane) == sorted(steps)
    for lane in lanes:
        assert all(one.end <= two.start + SLACK for one, two in pairwise(lane))
    at_once = max(sum(one.start <= step.start < one.end - SLACK for one in steps) for step in steps)
    assert len(lanes) == at_once


def test_idle_time_is_told_apart(folder):
    steps = read_steps(folder)
    run = timeline(steps[2:], 2, BEGAN)
    assert (run["count"], run["earlier"], run["took"]) == (6, 2, pytest.approx(10))
    # Two lanes of ten seconds: from 6.5 s on one of them was idle.
    assert run["full"] == pytest.approx(6.5)
    assert run["busy"] == pytest.approx((6 + 0.2 + 3.75 + 1.5 + 1 + 2) / 20)
    assert (run["first"], run["between"], run["tail"]) == (pytest.approx(2), pytest.approx(0.05), pytest.approx(3.5))
    assert run["final"] == ["mnist/train", "report/draw figures", "report/write_report"]
    assert run["last"].name == "report/write_report"


def test_one_lane_is_full_to_the_end(tmp_path):
    benchmark(tmp_path, "relu/fit", 0, 2)
    steps = read_steps(tmp_path)
    assert last_full(steps, 1) - BEGAN == pytest.approx(2)
    run = timeline(steps, 0, BEGAN)
    assert (run["busy"], run["tail"], run["final"]) == (pytest.approx(1), pytest.approx(0), [])


def test_only_steps_of_the_run_are_drawn(folder):
    said, page = record(folder, "--since", str(BEGAN))
    assert list(bars(page)) == [
        "mnist/train",
        "report/draw figures",
        "report/write_report",
        "relu/fit",
        "mnist/replicate/ulp/0",
        "mnist/replicate/ulp/<1> & 'a'",
    ]
    assert "Benchmarks of 2 steps of earlier runs lie beside these." in page
    assert "the run of 2001-09-09 01:46:40 UTC" in page and "failed" not in page
    assert said.startswith("6 steps in 10 s, at most 2 at once, these lanes busy 72% of the time: ")
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", page, re.S)]
    assert rows[1:4] == [["mnist", "3", "11.2", "500"], ["relu", "1", "0.2", "—"], ["report", "2", "3.0", "205"]]


def test_a_run_that_failed_says_so_first(folder):
    _, page = record(folder, "--since", str(BEGAN), "--failed")
    assert "<h1>A step failed, after 6 steps in 10 s</h1>" in page
    assert "<a " not in page


def test_a_report_that_is_not_there_is_not_linked(folder):
    _, page = record(folder, "--since", str(BEGAN), made=False)
    assert "<h1>6 steps in 10 s</h1>" in page and "<a " not in page


def test_memory_of_short_steps_is_not_said(tmp_path):
    """Snakemake saw the shell that starts them."""
    for name, seconds in (("relu/short", 0.99), ("relu/long", 1)):
        benchmark(tmp_path, name, 0, seconds, 3)
    assert {step.name: step.megabytes for step in read_steps(tmp_path)} == {"relu/short": None, "relu/long": 3}


def test_a_step_that_began_before_the_run_is_none_of_it(folder):
    benchmark(folder, "relu/odd", -500, 505)
    _, page = record(folder, "--since", str(BEGAN))
    assert "relu/odd" not in page and "<h1>6 steps in 10 s</h1>" in page


def test_bars_lie_where_the_steps_were(folder):
    _, page = record(folder, "--since", str(BEGAN))
    assert bars(page)["mnist/train"] == "left:10.000%;width:60.000%"
    assert bars(page)["report/write_report"] == "left:80.000%;width:20.000%"


def test_names_are_text(folder):
    _, page = record(folder, "--since", str(BEGAN))
    assert "<1>" not in page
    assert page.count("ulp/&lt;1&gt; &amp; &#39;a&#39;") >= 2
    assert "<b>replicate ulp &lt;1&gt; &amp; &#39;a&#39;</b>" in page
    assert "http" not in re.sub(r"http-equiv", "", page)
    assert 'href="../results of it/report.html"' in page


def test_many_steps_have_few_names(tmp_path):
    for number in range(3000):
        benchmark(tmp_path / "all", f"mnist/replicate/{number}", number, 1)
    _, page = record(tmp_path / "all")
    assert page.count("title=") == 3000
    assert "<b>" not in page


def test_a_run_without_steps_leaves_the_record_alone(folder):
    _, before = record(folder, "--since", str(BEGAN))
    said, after = record(folder, "--since", str(BEGAN + 1000))
    assert said.startswith("No step ran")
    assert after == before


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"s\n1.0\n", b"\0", b"\xff"),
        *(
            HEAD.encode() + row
            for row in (b"", b"one\t0:00:01\t2\n", b"\n1", b"inf\t-\t2\n", b"nan\t-\t2\n", b"-1\t-\t2\n")
        ),
        *(HEAD.encode() + b"1.0\t0:00:01\t" + size for size in (b"inf\n", b"nan\n")),
    ],
)
def test_what_is_no_benchmark_is_left_out(folder, content):
    expected = [step for step in read_steps(folder) if step.name != "relu/fit"]
    (folder / "relu" / "fit.tsv").write_bytes(content)
    (folder / "relu" / "folder.tsv").mkdir()
    assert read_steps(folder) == expected


@pytest.mark.parametrize("there", [True, False])
def test_no_benchmarks(tmp_path, there):
    if there:
        (tmp_path / "none").mkdir()
    said, page = record(tmp_path / "none", good=False)
    assert re.fullmatch(r"error: .*none: no benchmark in it.*\n", said)
    assert not page
    said, page = record(tmp_path / "none", "--since", str(BEGAN))
    assert (said, page) == ("No step ran to its end, so the record is left as it is.\n", "")


@pytest.mark.parametrize(
    "seconds, scale, text",
    [(0, 300, "0 s"), (2.04, None, "2.0 s"), (61, None, "61 s"), (664.2, None, "11 min 4 s"),
     (5399.9, None, "90 min 0 s"), (120, 720, "2 min"), (18120, None, "5 h 2 min"), (18000, 36000, "5.0 h")],
)  # fmt: skip
def test_durations_are_for_people(seconds, scale, text):
    assert clock(seconds, scale) == text


def test_written_by_a_run(finished):
    home = finished.folder / "logs" / SET
    page = (home / "run.html").read_text(encoding="utf-8")
    assert {name.split("/")[0] for name in bars(page)} == {
        *("datasets", "fashion_mnist", "formulas", "l1_regression", "mnist", "relu", "report", "verdicts")
    }
    [link] = [attributes["href"] for tag, attributes in Elements(page).found if tag == "a"]
    assert (home / link).samefile(finished.folder / RESULTS / "report.html")

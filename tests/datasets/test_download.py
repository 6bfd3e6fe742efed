"""A file arrives whole and verified, from the first mirror that has it, or not at all."""

import errno
import gzip
import hashlib
import os
import sys
import time

import pytest

from scripts.datasets import download
from scripts.datasets.files import table
from scripts.shared.step import Failure, told

DATASET, NAME = "mnist", "t10k-labels-idx1-ubyte.gz"


@pytest.fixture
def right(official_files) -> bytes:
    return official_files[DATASET][NAME]


def broken(right: bytes, damage: str) -> bytes:
    return {
        "truncated": right[:-7],
        "altered": right[:-1] + bytes([right[-1] ^ 1]),
        "empty": b"",
        "longer": right + b"\0",
    }[damage]


def fetched(tmp_path, mirror="") -> bytes | None:
    """Fetch into a folder of its own, insist that nothing else is left there, and return the file's bytes."""
    output = tmp_path / "fetched here" / NAME
    try:
        download.fetch(DATASET, NAME, str(mirror), output)
    finally:
        assert [path.name for path in output.parent.glob("*")] in ([], [NAME])
    return output.read_bytes()


def test_a_folder_is_a_mirror(pinned, folder, tmp_path, right):
    assert fetched(tmp_path, folder) == right
    assert fetched(tmp_path, f"{folder}/") == right


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty", "longer"])
def test_the_wrong_bytes_are_refused_in_one_line(pinned, folder, tmp_path, right, damage):
    (folder / DATASET / NAME).write_bytes(broken(right, damage))
    with pytest.raises(Failure) as caught:
        fetched(tmp_path, folder)
    line = str(caught.value)
    assert "\n" not in line and f"{folder}/{DATASET}/{NAME} (" in line
    size = len(right)
    wrong = {"altered": "the wrong SHA-256", "longer": f"more than {size} bytes"}
    assert f"(has {wrong.get(damage, f'{len(broken(right, damage))} bytes instead of {size}')})" in line
    assert not (tmp_path / "fetched here" / NAME).exists()


def test_a_refused_file_leaves_the_one_in_place(pinned, folder, tmp_path, right):
    """What stood there before stays until something verified replaces it."""
    fetched(tmp_path, folder)
    (folder / DATASET / NAME).write_bytes(right[:-1])
    with pytest.raises(Failure):
        fetched(tmp_path, folder)
    assert (tmp_path / "fetched here" / NAME).read_bytes() == right


def test_mirrors_are_tried_in_order(pinned, server, tmp_path, right, monkeypatch):
    """The own mirror first, then the public ones as listed; none after the one that had it."""
    monkeypatch.setattr(download, "RETRIES", 0)
    pinned[DATASET]["mirrors"] = [f"{server.url}/{place}" for place in ("altered", "right", "never")]
    server.answers = {
        f"/altered/{NAME}": [(200, broken(right, "altered"))],
        f"/right/{NAME}": [(200, right)],
        f"/never/{NAME}": [(200, right)],
    }
    assert fetched(tmp_path, f"{server.url}/own") == right
    assert server.asked == [f"/own/{DATASET}/{NAME}", f"/altered/{NAME}", f"/right/{NAME}"]


def test_every_dead_mirror_is_named(pinned, server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "RETRIES", 0)
    pinned[DATASET]["mirrors"] = ["http://127.0.0.1:9/closed", f"{server.url}/missing", "http://[malformed"]
    with pytest.raises(Failure) as caught:
        fetched(tmp_path, "/no/such/folder")
    line = str(caught.value)
    reasons = [
        f"/no/such/folder/{DATASET}/{NAME} (no such file)",
        f"http://127.0.0.1:9/closed/{NAME} (no connection)",
        f"{server.url}/missing/{NAME} (HTTP status 404)",
        f"http://[malformed/{NAME} (",
    ]
    assert "\n" not in line and line.startswith(f"{DATASET}/{NAME}: no mirror worked: ")
    assert sorted(reasons, key=line.find) == reasons and all(reason in line for reason in reasons)
    assert "set mirror: to a folder" in line


def test_a_mirror_that_stumbles_is_tried_again(pinned, server, tmp_path, right):
    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(503, b""), (200, right)]}
    assert fetched(tmp_path) == right
    assert len(server.asked) == 2


def trickle(out, data: bytes, seconds: float) -> None:
    """Write a byte every so often."""
    for byte in data:
        out.write(bytes([byte]))
        out.flush()
        time.sleep(seconds)


HEAD = b"HTTP/1.0 200 OK\r\nContent-Length: 5000\r\n"
STUCK = {
    "silent": lambda out: time.sleep(60),
    "headers only": lambda out: (out.write(HEAD + b"\r\n"), out.flush(), time.sleep(60)),
    "trickling": lambda out: (out.write(HEAD + b"\r\n"), trickle(out, b"x" * 5000, 0.05)),
    "trickling headers": lambda out: (out.write(HEAD), trickle(out, b"X-Long: " + b"x" * 5000, 0.05)),
}


@pytest.mark.parametrize("how", STUCK)
def test_a_mirror_that_hangs_is_given_up_for_the_next_without_another_try(
    pinned, server, tmp_path, right, monkeypatch, capsys, how
):
    monkeypatch.setattr(download, "LOOK", 0.1)
    pinned[DATASET]["mirrors"] = [f"{server.url}/stuck", f"{server.url}/right"]
    server.answers = {f"/stuck/{NAME}": [(200, STUCK[how])], f"/right/{NAME}": [(200, right)]}
    assert fetched(tmp_path) == right
    assert server.asked == [f"/stuck/{NAME}", f"/right/{NAME}"]
    said = capsys.readouterr().err
    assert f"waiting for {server.url}/stuck/{NAME}" in said and "next to nothing" in said


def test_a_slow_line_is_waited_for(pinned, server, tmp_path, right, monkeypatch):
    """Slow, but never for long without what is expected; all in all much longer than a mirror may be quiet."""
    monkeypatch.setattr(download, "LOOK", 0.1)
    monkeypatch.setattr(download, "LEAST", 1)
    sent = right * 20
    pins = {"bytes": len(sent), "sha256": hashlib.sha256(sent).hexdigest()}
    monkeypatch.setitem(pinned[DATASET]["files"], NAME, pins)
    pieces = range(0, len(sent), 200)

    def slowly(out):
        out.write(b"HTTP/1.0 200 OK\r\n\r\n")
        for start in pieces:
            out.write(sent[start : start + 200])
            out.flush()
            time.sleep(1.5 / len(pieces))

    monkeypatch.setattr(download, "PIECE", 200)
    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(200, slowly)]}
    assert fetched(tmp_path) == sent
    assert len(server.asked) == 1


def test_a_mirror_that_sends_on_and_on_is_not_listened_to(pinned, server, tmp_path, right):
    def endless(out):
        out.write(b"HTTP/1.0 200 OK\r\n\r\n" + right)
        while True:
            out.write(right)

    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(200, endless)]}
    with pytest.raises(Failure, match=f"has more than {len(right)} bytes"):
        fetched(tmp_path)


def test_a_mirror_that_redirects_for_ever_is_given_up(pinned, server, tmp_path):
    pinned[DATASET]["mirrors"] = [server.url]
    again = f"HTTP/1.0 302 Found\r\nLocation: /{NAME}\r\n\r\n".encode()
    # What is written here stands behind no status line of the server's own.
    server.answers = {f"/{NAME}": [(302, lambda out: out.write(again))]}
    with pytest.raises(Failure, match="from place to place"):
        fetched(tmp_path)
    assert len(server.asked) == download.REDIRECTS + 1


@pytest.mark.parametrize("really", [False, True])
def test_a_server_that_says_that_it_packs(pinned, server, tmp_path, right, really):
    """Some name an encoding for all .gz files, whatever was asked for; others do pack them once more."""
    sent = gzip.compress(right) if really else right

    def packed(out):
        out.write(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + sent)

    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(200, packed)]}
    assert fetched(tmp_path) == right


def test_a_folder_that_hangs_is_given_up(pinned, server, folder, tmp_path, right, monkeypatch):
    monkeypatch.setattr(download, "LOOK", 0.1)
    (folder / DATASET / NAME).unlink()
    os.mkfifo(folder / DATASET / NAME)
    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(200, right)]}
    assert fetched(tmp_path, folder) == right


def test_a_folder_may_be_written_as_a_url(pinned, folder, tmp_path, right):
    assert fetched(tmp_path, f"file://{folder}") == right


def test_no_password_is_told(pinned, server, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(download, "RETRIES", 0)
    with pytest.raises(Failure) as caught:
        fetched(tmp_path, server.url.replace("//", "//somebody:secret@"))
    told = str(caught.value) + capsys.readouterr().err
    assert f"{server.url}/{DATASET}/{NAME} (HTTP status 404)" in told and "secret" not in told


@pytest.mark.parametrize(
    ("proxy", "why"),
    [("http://127.0.0.1:9", "the proxy that the environment names does not answer"), ("", "the connection broke off")],
)
def test_what_cuts_a_line_is_told(pinned, server, tmp_path, right, monkeypatch, proxy, why):
    def half(out):
        out.write(f"HTTP/1.0 200 OK\r\nContent-Length: {len(right)}\r\n\r\n".encode() + right[:9])

    monkeypatch.setattr(download, "RETRIES", 0)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    pinned[DATASET]["mirrors"] = [server.url]
    server.answers = {f"/{NAME}": [(200, half)]}
    with pytest.raises(Failure, match=why):
        fetched(tmp_path)


def test_a_file_that_is_not_pinned(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["download", "--dataset", DATASET, "--file", "nosuch", "--output", "o"])
    with pytest.raises(Failure, match="mnist has no file nosuch; name one of "):
        download.main()


def test_a_full_disk_is_no_fault_of_a_mirror(pinned, folder, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full") as caught:
        fetched(tmp_path, folder)
    assert told(caught.value).endswith(f"/{NAME}: no space left on device; free some space and run again")


def test_the_table_pins_the_official_files():
    """Four files each, with plausible pins; the very digests are the specification's, and the download's to hold."""
    assert set(table()) == {"fashion-mnist", "mnist"}
    for entry in table().values():
        assert set(entry) == {"licence", "mirrors", "files"} and len(entry["mirrors"]) >= 2
        assert sorted(entry["files"]) == sorted(
            f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
        )
        assert len({pin["sha256"] for pin in entry["files"].values()}) == 4
        for pin in entry["files"].values():
            assert pin["bytes"] > 0 and len(bytes.fromhex(pin["sha256"])) == 32

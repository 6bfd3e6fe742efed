"""A file arrives whole and verified, from the first mirror that has it, or not at all."""

import pytest

from scripts.datasets import download
from scripts.datasets.files import table
from scripts.shared.step import Failure

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
        assert [path.name for path in output.parent.iterdir()] in ([], [NAME])
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
    wrong = (
        "the wrong SHA-256" if damage == "altered" else f"{len(broken(right, damage))} bytes instead of {len(right)}"
    )
    assert f"(has {wrong})" in line
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

"""Synthetic files in the official format: pinned in place of the official ones, in a folder, and served over HTTP."""

import contextlib
import hashlib
import http.server
import threading
from types import SimpleNamespace

import pytest

from scripts.datasets.files import table


@pytest.fixture
def pinned(monkeypatch, official_files):
    """Pin the synthetic files, without any public mirror; the value is the table, to be changed at will."""
    for dataset, content in official_files.items():
        pins = {name: {"bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for name, d in content.items()}
        monkeypatch.setitem(table(), dataset, {"licence": "none", "mirrors": [], "files": pins})
    return table()


@pytest.fixture
def folder(tmp_path, official_files):
    """A folder mirror: one folder per dataset."""
    for dataset, content in official_files.items():
        (tmp_path / "mirror" / dataset).mkdir(parents=True)
        for name, data in content.items():
            (tmp_path / "mirror" / dataset / name).write_bytes(data)
    return tmp_path / "mirror"


@pytest.fixture
def server():
    """An HTTP server on this machine: `answers` maps a path to (status, bytes) in turn, `asked` lists the paths.

    In place of bytes may stand a function, which is handed what it writes the whole answer to.
    """
    state = SimpleNamespace(answers={}, asked=[])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            left = state.answers.get(self.path, [(404, b"")])
            status, data = left.pop(0) if len(left) > 1 else left[0]
            if callable(data):
                with contextlib.suppress(OSError):  # nobody listens any longer
                    data(self.wfile)
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        state.url = f"http://127.0.0.1:{running.server_address[1]}"
        yield state
        running.shutdown()

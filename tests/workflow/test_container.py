"""The image of the Dockerfile; to build and to run it needs a container runtime: see docs/cluster.md."""

from project import PARTS, ROOT


def test_the_image_holds_what_a_run_needs_and_nothing_else():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines.index("*") < lines.index("!Snakefile")
    assert {line[1:] for line in lines if line.startswith("!")} == {*PARTS}
    assert all((ROOT / part).exists() for part in PARTS)

"""Every package of the lock is in the bill and on the page of licences, and neither names a machine."""

import json
import re

import pytest
from project import ROOT

from tests.supply import bill

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.MULTILINE)


def test_every_package_of_the_lock_is_on_the_page_with_its_licence():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.partition(bill.BEGIN)[2].splitlines()[2:-1]]
    assert [(name[2:], version) for name, version, *_ in rows] == PINNED, "run: make sbom"
    assert all(licence.strip() for _, _, licence, _ in rows)
    assert bill.table() in page, "run: make sbom"


def test_datasets_and_font_are_on_the_page():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    for place in re.findall(r"`([\w./-]+)` \|$", page, re.MULTILINE):
        assert (ROOT / place).exists()
    for licence in re.findall(r"licence: (.+)", (ROOT / "scripts/datasets/sources.yaml").read_text(encoding="utf-8")):
        assert f"| {licence} |" in page


@pytest.fixture(scope="module")
def written() -> str:
    return bill.bill()


def test_the_bill_is_valid_and_complete(written):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    parts = json.loads(written)["components"]
    assert sorted((part["name"], part["version"]) for part in parts) == sorted(PINNED)
    assert sum(len(part["hashes"]) for part in parts) == LOCK.count("--hash=sha256:")
    assert all(part["licenses"] for part in parts)


def test_the_bill_names_no_host_and_no_folder(written):
    assert str(ROOT) not in written
    assert set(re.findall(r"\w+://[^\"]+", written)) <= {"http://cyclonedx.org/schema/bom-1.6.schema.json"}

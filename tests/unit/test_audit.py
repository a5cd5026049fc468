"""The audit's own parts: its server, its sums and what it calls a missed target."""

import gzip
import urllib.request

import audit
import pytest

GOOD = dict.fromkeys(audit.CATEGORIES.values(), 100)
GOOD |= {f"{kind}, kB": 50 for kind in audit.COLUMNS}


def test_site_is_served_compressed_and_for_long(tmp_path):
    (tmp_path / "index.html").write_text("a" * 1000)
    with audit.served(tmp_path) as address, urllib.request.urlopen(address) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert gzip.decompress(answer.read()) == b"a" * 1000


def test_figures_are_no_part_of_the_weight():
    assert audit.weight(GOOD | {"figures, kB": 9000}) == 250


@pytest.mark.parametrize(
    ("change", "form", "speed", "words"),
    [
        ({}, "mobile", 2000, None),
        ({"performance": 89}, "mobile", 500, "performance is 89, must be at least 90"),
        ({"performance": 97}, "desktop", 2000, "performance is 97, must be at least 98"),
        ({"performance": 97}, "desktop", 500, None),
        ({"SEO": 99}, "desktop", 500, "SEO is 99, must be at least 100"),
        ({"scripts, kB": 200}, "mobile", 2000, "400 kB without figures, must be at most 350"),
    ],
)
def test_missed_targets_are_named(change, form, speed, words):
    found = audit.missed("landing page", form, GOOD | change, speed)
    assert found == ([f"landing page, {form}: {words}"] if words else [])


def test_bytes_are_summed_by_kind():
    report = {
        "categories": {name: {"score": 1} for name in audit.CATEGORIES},
        "audits": {name: {"numericValue": 7.0} for name in audit.TIMES},
    }
    items = [
        {"resourceType": "Script", "transferSize": 2000},
        {"resourceType": "Script", "transferSize": 1000},
        {"resourceType": "Manifest", "transferSize": 500},
    ]
    report["audits"]["network-requests"] = {"details": {"items": items}}
    numbers = audit.numbers(report)
    assert numbers["scripts, kB"] == 3
    assert numbers["other, kB"] == 0.5
    assert numbers["performance"] == 100

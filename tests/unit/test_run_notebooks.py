"""The runner: what runs again and what does not, what fails, what is kept."""

import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import nbformat
import pytest
import run_notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from run_notebooks import (
    ROOT,
    Store,
    budget,
    check_real,
    environment,
    execute,
    over_limits,
    pages_in_toc,
    run,
    set_budgets,
    write_budget,
)

PAGE = Path("chapters/one.ipynb")
OTHER = Path("chapters/two.ipynb")


def write(
    root: Path, page: Path, *sources: str, prose: str = "Words.", tags=(), course=None
) -> None:
    cells = [new_markdown_cell(prose)]
    cells += [new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    metadata |= {"course": course} if course else {}
    (root / page).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=metadata), root / page)


@pytest.fixture
def root(tmp_path):
    """A project of two notebooks, of which only the first uses ``nnutils`` and NumPy."""
    write(tmp_path, PAGE, "1 + 1")
    write(tmp_path, OTHER, "2 + 2")
    (tmp_path / "nnutils").mkdir()
    (tmp_path / "nnutils" / "plotting.py").write_text("a = 1\n")
    (tmp_path / "nnutils" / "training.py").write_text("a = 1\n")
    (tmp_path / "requirements.lock").write_text(
        "numpy==2.0 \\\n    --hash=sha256:aa\nruff==0.1 \\\n    --hash=sha256:bb\n"
    )
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- chapters:\n"
        "  - file: chapters/one\n    sections:\n    - file: chapters/two\n  - file: chapters/text\n"
    )
    return tmp_path


def facts(**more) -> dict:
    base = {"seconds": 1.0, "cpu_seconds": 1.0, "peak_mib": 50, "data": {}, "nnutils": []}
    return base | {"packages": [], "versions": {}, "date": "2026-01-01"} | more


@pytest.fixture
def store(root):
    """Both notebooks have run; the first loaded ``nnutils.plotting`` and NumPy."""
    store = Store(root)
    notebook = nbformat.read(root / PAGE, as_version=4)
    used = {"nnutils": ["nnutils/plotting.py"], "packages": ["numpy"]}
    store.keep(PAGE, notebook, facts(**used))
    store.keep(OTHER, nbformat.read(root / OTHER, as_version=4), facts())
    return store


def test_pages_come_from_the_toc_in_reading_order(root):
    assert pages_in_toc(root) == [PAGE, OTHER]


def test_a_page_never_run_must_run(root):
    assert Store(root).reason_to_run(PAGE) == "never run"


def test_nothing_changed_means_nothing_runs(store):
    assert [store.reason_to_run(page) for page in (PAGE, OTHER)] == [None, None]


def test_changed_code_runs_that_page_only(root, store):
    write(root, PAGE, "1 + 3")
    assert store.reason_to_run(PAGE) == "changed: code"
    assert store.reason_to_run(OTHER) is None


def test_changed_prose_runs_nothing(root, store):
    write(root, PAGE, "1 + 1", prose="Other words.")
    assert store.reason_to_run(PAGE) is None


def test_changed_nnutils_runs_the_pages_that_loaded_it(root, store):
    (root / "nnutils" / "plotting.py").write_text("a = 2\n")
    assert store.reason_to_run(PAGE) == "changed: nnutils"
    assert store.reason_to_run(OTHER) is None


def test_changed_nnutils_file_that_nobody_loaded_runs_nothing(root, store):
    (root / "nnutils" / "training.py").write_text("a = 2\n")
    assert [store.reason_to_run(page) for page in (PAGE, OTHER)] == [None, None]


def test_removed_nnutils_file_runs_the_page(root, store):
    (root / "nnutils" / "plotting.py").unlink()
    assert store.reason_to_run(PAGE) == "changed: nnutils"


def test_changed_lock_runs_the_pages_that_loaded_the_package(root, store):
    lock = root / "requirements.lock"
    lock.write_text(lock.read_text().replace("numpy==2.0", "numpy==2.1"))
    assert store.reason_to_run(PAGE) == "changed: packages"
    assert store.reason_to_run(OTHER) is None


def test_changed_lock_of_an_unused_package_runs_nothing(root, store):
    lock = root / "requirements.lock"
    lock.write_text(lock.read_text().replace("ruff==0.1", "ruff==0.2"))
    assert [store.reason_to_run(page) for page in (PAGE, OTHER)] == [None, None]


def test_changed_data_folder_runs_only_pages_with_data(root, store, monkeypatch):
    notebook = nbformat.read(root / PAGE, as_version=4)
    store.keep(PAGE, notebook, facts(data={"mnist": "stand-in"}))
    monkeypatch.setenv("NNUTILS_DATA_DIR", str(root))
    assert store.reason_to_run(PAGE) == "changed: data_dir"
    assert store.reason_to_run(OTHER) is None


def test_lost_cache_means_run_again(store):
    store.cache_path.rename(store.cache_path.with_name("gone"))
    assert store.reason_to_run(PAGE) == "never run"


def test_new_outputs_change_the_record(store, root):
    before = store.record_path(PAGE).read_text()
    notebook = nbformat.read(root / PAGE, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="new")]
    store.keep(PAGE, notebook, store.record(PAGE)["facts"])
    assert store.record_path(PAGE).read_text() != before


def test_damaged_record_means_run_again(store):
    store.record_path(PAGE).write_text("{")
    assert store.reason_to_run(PAGE) == "never run"


@pytest.mark.parametrize(("source", "expected"), [("real", 0), ("stand-in", 1)])
def test_stand_ins_are_refused_for_publishing(root, store, source, expected):
    notebook = nbformat.read(root / PAGE, as_version=4)
    store.keep(PAGE, notebook, facts(data={"mnist": source}))
    assert check_real([PAGE, OTHER], store) == expected


def test_a_page_that_never_ran_is_refused_for_publishing(root):
    assert check_real([PAGE], Store(root)) == 1


# -- ceilings of processor time ------------------------------------------------------------


@pytest.mark.parametrize(("used", "ceiling"), [(0.4, 10), (5.0, 10), (5.1, 15), (27.4, 55)])
def test_ceiling_is_twice_the_run_in_steps_of_five(root, used, ceiling):
    write_budget(root / PAGE, used)
    assert budget(root / PAGE) == ceiling


def test_ceilings_are_written_from_valid_records_only(root, store, capsys):
    store.keep(PAGE, nbformat.read(root / PAGE, as_version=4), facts(cpu_seconds=20.0))
    write(root, OTHER, "2 + 3")
    before = (root / OTHER).read_text()
    assert set_budgets([PAGE, OTHER], store) == 1
    assert (budget(root / PAGE), (root / OTHER).read_text()) == (40, before)
    assert "chapters/two.ipynb: no ceiling written" in capsys.readouterr().out


def test_a_new_ceiling_runs_nothing(root, store):
    write_budget(root / PAGE, 30)
    assert store.reason_to_run(PAGE) is None


def test_ceiling_survives_the_stripping_of_outputs(root):
    """Of a notebook with something to strip: an untouched file would prove nothing."""
    write_budget(root / PAGE, 30)
    notebook = nbformat.read(root / PAGE, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="new")]
    nbformat.write(notebook, root / PAGE)
    options = ["--keep-id", "--extra-keys", "metadata.language_info.version"]
    assert " ".join(options) in (ROOT / "Makefile").read_text()
    subprocess.run([sys.executable, "-m", "nbstripout", *options, root / PAGE], check=True)
    assert nbformat.read(root / PAGE, as_version=4).cells[1].outputs == []
    assert budget(root / PAGE) == 60


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_numpy_gets_one_thread_unless_told_otherwise(tmp_path, monkeypatch, given, expected):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    assert environment(False, tmp_path)["OPENBLAS_NUM_THREADS"] == expected


@pytest.mark.parametrize("times", [1, 2])
def test_a_run_at_its_limits_passes(monkeypatch, times):
    monkeypatch.setattr(run_notebooks, "slowness", lambda: times)
    at_limits = facts(peak_mib=run_notebooks.MEMORY_LIMIT_MIB, cpu_seconds=30.0 * times)
    assert over_limits(at_limits, 30) is None
    assert over_limits(at_limits | {"cpu_seconds": 30.1 * times}, 30)


@pytest.mark.parametrize(("took", "times"), [(0.2, 1), (0.4, 1), (0.8, 2), (4.0, 3)])
def test_a_machine_is_one_to_three_times_slower_than_at_rest(monkeypatch, took, times):
    clock = iter([10, 10 + took])
    monkeypatch.setattr(run_notebooks.time, "process_time", lambda: next(clock))
    assert run_notebooks.slowness() == pytest.approx(times)


@pytest.mark.parametrize(
    ("ceilings", "first"), [((10, 30), OTHER), ((30, 10), PAGE), ((30, None), OTHER)]
)
def test_pages_that_never_ran_start_with_the_dearest(root, monkeypatch, ceilings, first):
    for page, ceiling in zip((PAGE, OTHER), ceilings, strict=True):
        write(root, page, "1 + 1", course=ceiling and {"cpu_seconds": ceiling})
    started = []

    def execute(page, **_):
        started.append(page)
        return False, "", {}, None

    monkeypatch.setattr(run_notebooks, "execute", execute)
    run([PAGE, OTHER], jobs=1, store=Store(root))
    assert started[0] == first
    assert len(started) == 2


# -- real runs -----------------------------------------------------------------------------


def test_good_page_is_run_recorded_and_cached(root, capsys):
    write(root, PAGE, "print('hello')", "import numpy\n3 * 14;")
    store = Store(root)
    assert run([PAGE], jobs=1, store=store) == 0
    record = store.record(PAGE)
    assert record["facts"]["peak_mib"] > 10
    assert "numpy" in record["facts"]["packages"]
    assert store.reason_to_run(PAGE) is None
    assert "1 run, 0 failed" in capsys.readouterr().out


def test_executed_notebook_keeps_outputs_and_honours_the_semicolon(root):
    write(root, PAGE, "print('hello')", "3 * 14;")
    ok, _, _, notebook = execute(PAGE, root=root, offline=False)
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert ok
    assert outputs[0][0].text == "hello\n"
    assert outputs[1] == []


@pytest.mark.parametrize(
    ("source", "tags", "words"),
    [
        ("assert 1 == 2", [], "assert 1 == 2"),
        ("import warnings; warnings.warn('old', DeprecationWarning)", [], "DeprecationWarning"),
        ("import sys; print('Traceback (most recent call last)', file=sys.stderr)", [], "stderr"),
        ("def check(x): return '✗ Not yet.'\ncheck(1)", ["solution"], "must say"),
        ("def check(x): return 'right'\ncheck(1)", ["answer"], "must say"),
        ("import os; os._exit(1)", [], "dead"),
    ],
    ids=["error", "warning", "traceback", "wrong-solution", "answered-answer", "dead-kernel"],
)
def test_bad_page_fails_with_its_reason_and_is_not_kept(root, capsys, source, tags, words):
    write(root, PAGE, source, "1", tags=tags)
    store = Store(root)
    assert run([PAGE], jobs=1, store=store) == 1
    assert store.record(PAGE) is None
    assert words.lower() in capsys.readouterr().out.lower()


def test_failing_run_forgets_the_good_one(root, store):
    write(root, PAGE, "1 / 0")
    run([PAGE], jobs=1, store=store)
    assert store.reason_to_run(PAGE) == "never run"


def test_page_over_the_memory_limit_fails(root, monkeypatch, capsys):
    monkeypatch.setattr(run_notebooks, "MEMORY_LIMIT_MIB", 10)
    assert run([PAGE], jobs=1, store=Store(root)) == 1
    assert "over 10 MiB" in capsys.readouterr().out


BURN = "import os\nwhile sum(os.times()[:4]) < 3: pass"
# A process that lives as long as the page, and ends when the page closes its input.
HELPER = f"{BURN}\nprint('burnt', flush=True)\ninput()"
BURN_BELOW = f"""
import sys
from subprocess import PIPE, Popen

helper = Popen([sys.executable, "-c", {HELPER!r}], stdin=PIPE, stdout=PIPE)
assert helper.stdout.readline().strip() == b"burnt"
"""


@pytest.mark.parametrize("burn", [BURN, BURN_BELOW], ids=["in the kernel", "in a process below"])
def test_page_that_burns_processor_time_fails(root, monkeypatch, capsys, burn):
    monkeypatch.setattr(run_notebooks, "slowness", lambda: 1)
    write(root, PAGE, burn, course={"cpu_seconds": 2})
    store = Store(root)
    assert run([PAGE], jobs=1, store=store) == 1
    assert "s is over the page's ceiling, 2 s" in capsys.readouterr().out
    assert store.record(PAGE) is None
    # As on Colab, where a page first installs the course; its memory still counts.
    assert execute(PAGE, root=root, offline=False, any_cpu=True)[0]
    monkeypatch.setattr(run_notebooks, "MEMORY_LIMIT_MIB", 10)
    ok, log, *_ = execute(PAGE, root=root, offline=False, any_cpu=True)
    assert not ok
    assert "over 10 MiB" in log


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a limit on data")
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("bytearray(600 * 2**20)", "MemoryError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the kernel died"),
    ],
    ids=["refused", "killed"],
)
def test_page_that_asks_for_too_much_memory_fails(root, monkeypatch, capsys, source, words):
    monkeypatch.setattr(run_notebooks, "MOST_MEMORY_MIB", 500)
    write(root, PAGE, source)
    assert run([PAGE], jobs=1, store=Store(root)) == 1
    printed = capsys.readouterr().out
    assert words in printed
    assert "asks for more than 500 MiB of memory is refused it" in printed


def test_no_limit_on_memory_where_the_system_keeps_none(monkeypatch):
    import nbval_record

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    nbval_record.limit_memory(500)


def test_offline_run_reaches_no_network_and_keeps_nothing(root, monkeypatch):
    monkeypatch.setenv("NNUTILS_DATA_DIR", "/somewhere")
    probe = (
        "import os, socket\n"
        "assert 'NNUTILS_DATA_DIR' not in os.environ\n"
        "for reach in (lambda: socket.create_connection(('192.0.2.1', 80), timeout=1),\n"
        "              lambda: socket.getaddrinfo('index.invalid', 443)):\n"
        "    try:\n        reach()\n    except OSError as error:\n"
        "        assert 'offline run' in str(error)\n"
        "    else:\n        raise AssertionError('reached the network')"
    )
    write(root, PAGE, probe)
    store = Store(root)
    assert run([PAGE], jobs=1, offline=True, keep=False, store=store) == 0
    assert store.record(PAGE) is None


# -- a disk that takes nothing --------------------------------------------------------------


def run_by_command(monkeypatch, root, *arguments):
    """Run the tool as its command does, in another project; return its exit code."""
    monkeypatch.setattr(run_notebooks, "ROOT", root)
    monkeypatch.setattr(Store.__init__, "__defaults__", (root,))
    monkeypatch.setattr(pages_in_toc, "__defaults__", (root,))
    monkeypatch.setattr(sys, "argv", ["run_notebooks.py", *arguments])
    return run_notebooks.main()


@pytest.mark.parametrize("data", ["", "/somewhere"])
def test_no_page_needs_a_network_where_the_data_are_at_hand(root, monkeypatch, data):
    monkeypatch.setenv("NNUTILS_DATA_DIR", data)
    monkeypatch.setenv("PYTHONPATH", "mine")
    found = []

    def look(page, **options):
        found.append(os.environ["PYTHONPATH"].split(os.pathsep))
        return False, "", {}, None

    monkeypatch.setattr(run_notebooks, "execute", look)
    assert run_by_command(monkeypatch, root, str(root / PAGE)) == 1
    assert found == [[str(root / "tools" / "offline"), "mine"] if data else ["mine"]]


def test_full_disk_is_said_before_anything_runs(root, monkeypatch, capsys):
    usage = namedtuple("Usage", "total used free")(10**9, 10**9 - 1, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert run_by_command(monkeypatch, root) == 1
    expected = "notebooks: less than 500 MB of disk are free; make room and run again.\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_folder_without_the_right_to_write_is_said(root, monkeypatch, capsys, code):
    def refuse(**options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(run_notebooks.tempfile, "TemporaryFile", refuse)
    assert run_by_command(monkeypatch, root) == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert f"{root / '_build'}: {os.strerror(code)}; run in a folder" in said


def test_file_in_the_place_of_the_folder_is_said(root, monkeypatch, capsys):
    (root / "_build").write_text("not a folder")
    assert run_by_command(monkeypatch, root) == 1
    assert "File exists; run in a folder that you can write to" in capsys.readouterr().out


def keeping_fails(monkeypatch, code):
    def refuse(*arguments):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(run_notebooks, "execute", lambda *a, **b: (True, "", facts(), None))
    monkeypatch.setattr(Store, "keep", refuse)


def test_disk_that_fills_up_on_the_way_loses_nothing_that_was_kept(
    root, store, monkeypatch, capsys
):
    write(root, OTHER, "2 + 3")
    assert store.reason_to_run(OTHER) == "changed: code"
    keeping_fails(monkeypatch, errno.ENOSPC)
    assert run_by_command(monkeypatch, root) == 1
    *_, last = capsys.readouterr().out.splitlines()
    assert "No space left on device; the pages that were finished before are kept." in last
    assert store.reason_to_run(PAGE) is None
    assert store.reason_to_run(OTHER) == "never run"


def test_other_faults_keep_their_traceback(root, monkeypatch):
    keeping_fails(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        run_by_command(monkeypatch, root)

"""The loaders: what they give, where they look, and what they do when things go wrong.

Every test runs without a network and with a Keras cache of its own. Those that need the
real files read them from the folder named by NNUTILS_DATA_DIR.
"""

import dataclasses
import errno
import hashlib
import http.client
import http.server
import io
import json
import os
import pathlib
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import warnings

import numpy as np
import pytest

from nnutils import datasets
from nnutils.datasets import load_imdb, load_mnist

REAL_FOLDER = os.environ.get("NNUTILS_DATA_DIR")


# --- a closed world -------------------------------------------------------------------


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No named folder, an empty cache, no network beyond this machine."""
    look_up = socket.getaddrinfo

    def look_up_here(host, *args, **kwargs):
        if host != "127.0.0.1":
            raise socket.gaierror(-2, "Name or service not known")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("NNUTILS_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(datasets, "LOADED", {})


@pytest.fixture
def cache(tmp_path):
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def real_folder(monkeypatch):
    if not REAL_FOLDER:
        reason = "NNUTILS_DATA_DIR is not set: it must name the folder with the real files"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    monkeypatch.setenv("NNUTILS_DATA_DIR", REAL_FOLDER)
    return pathlib.Path(REAL_FOLDER)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def digits(n_train=6, n_test=4):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (n_train, 28, 28), dtype=np.uint8),
        "y_train": np.arange(n_train, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (n_test, 28, 28), dtype=np.uint8),
        "y_test": np.arange(n_test, dtype=np.uint8) % 10,
    }


def ragged(lists):
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


@pytest.fixture
def small_imdb(tmp_path, monkeypatch):
    """A folder with both files of the reviews, small, their hash known."""
    rng = np.random.default_rng(1)

    def reviews(n):
        return ragged([rng.integers(1, 41, size).tolist() for size in rng.integers(3, 30, n)])

    content = npz(
        x_train=reviews(50),
        y_train=np.repeat([1, 0], 25),
        x_test=reviews(30),
        y_test=np.repeat([1, 0], 15),
    )
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "imdb.npz").write_bytes(content)
    index = {f"word{rank}": rank for rank in range(1, 41)}
    (folder / "imdb_word_index.json").write_text(json.dumps(index))
    monkeypatch.setitem(datasets.REBUILT_SHA256, "imdb.npz", sha256(content))
    return folder


class Site:
    """What a small web server on this machine answers."""

    def __init__(self):
        self.files, self.requests = {}, []
        self.missing_bytes = 0
        self.silence = threading.Event()  # cleared: say nothing more until it is set
        self.silence.set()


@pytest.fixture
def site(monkeypatch):
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.removeprefix("/")
            site.requests.append(name)
            if name not in site.files:
                self.send_error(404)
                return
            content = site.files[name]
            if site.silent_from == "start":
                site.silence.wait(10)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) - site.missing_bytes])
            self.wfile.flush()
            if site.silent_from == "middle":
                site.silence.wait(10)

        def log_message(self, *args):
            pass

    site.silent_from = None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    monkeypatch.setattr(datasets, "ADDRESS", f"http://127.0.0.1:{server.server_port}/")
    yield site
    site.silence.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def good(site, monkeypatch):
    """A small mnist.npz that the site serves and whose hash counts as Keras's."""
    content = npz(**digits())
    site.files["mnist.npz"] = content
    monkeypatch.setitem(datasets.KERAS_SHA256, "mnist.npz", sha256(content))
    return content


# --- the real files -------------------------------------------------------------------


def test_real_mnist_is_mnist(real_folder):
    data = load_mnist()
    assert data.x_train.shape == (60_000, 28, 28)
    assert data.x_test.shape == (10_000, 28, 28)
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.x_train.sum(dtype=np.int64) == 1_567_298_545  # Fashion-MNIST has another sum
    assert data.source == "real"
    assert data.best_accuracy is None
    assert str(real_folder) not in data.origin, "a path of this machine on a published page"


@pytest.mark.parametrize("num_words", [10_000, None])
def test_real_imdb_equals_keras(real_folder, monkeypatch, num_words):
    expected = keras_imdb(real_folder, monkeypatch, num_words)
    assert_same_reviews(load_imdb(num_words), expected)


def test_real_imdb_decodes(real_folder):
    data = load_imdb()
    word = {rank + 3: word for word, rank in data.word_index.items()}
    text = " ".join(word[token] for token in data.x_train[0][1:8].tolist())
    assert text == "this film was just brilliant casting location"
    assert data.y_train[:10].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert len(data.word_index) == 88_584


@pytest.mark.parametrize(("call", "limit"), [("load_mnist()", 200), ("load_imdb(None)", 400)])
def test_real_files_load_leanly_and_without_keras(real_folder, call, limit):
    # The interpreter's own peak, in MiB; a child, since this process has loaded much else.
    code = (
        f"import sys, resource; from nnutils.datasets import *; from nnutils import datasets\n"
        f"assert datasets.{call}.source == 'real'\n"
        f"assert not {{'keras', 'tensorflow', 'sklearn', 'scipy'}} & set(sys.modules)\n"
        f"status = open('/proc/self/status').read()\n"
        f"print(int(status.split('VmHWM:')[1].split()[0]) // 1024)"
    )
    assert int(run(code)) < limit


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- the same reviews as Keras ----------------------------------------------------------


def keras_imdb(folder, monkeypatch, num_words):
    """Let Keras's own code read the file: (x_train, y_train), (x_test, y_test)."""
    import keras
    from keras.src.datasets import imdb

    monkeypatch.setattr(imdb, "get_file", lambda fname, **_: str(folder / fname))
    return keras.datasets.imdb.load_data(num_words=num_words)


def assert_same_reviews(data, expected):
    (x_train, y_train), (x_test, y_test) = expected
    for ours, theirs in ((data.x_train, x_train), (data.x_test, x_test)):
        assert ours.dtype == object
        assert ours.shape == theirs.shape
        assert {review.dtype for review in ours} == {np.dtype(np.int32)}
        assert all(review.tolist() == list(t) for review, t in zip(ours, theirs, strict=True))
    for ours, theirs in ((data.y_train, y_train), (data.y_test, y_test)):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("num_words", [None, 4, 20, 43, 44, 1000])
def test_small_imdb_equals_keras(small_imdb, monkeypatch, num_words):
    expected = keras_imdb(small_imdb, monkeypatch, num_words)
    assert_same_reviews(load_imdb(num_words, data_dir=small_imdb), expected)


def test_reviews_are_separate(small_imdb):
    data = load_imdb(data_dir=small_imdb)
    before = data.x_train[1].copy()
    data.x_train[0][:] = 7
    assert np.array_equal(data.x_train[1], before)


@pytest.mark.parametrize("num_words", [0, 3, -1, 10.0, "10000", True])
def test_num_words_must_be_a_count_of_words(num_words):
    with pytest.raises(ValueError, match=r"num_words must be None or an integer above 3.*got"):
        load_imdb(num_words)


def test_numpy_integer_is_a_count_of_words(small_imdb):
    assert load_imdb(np.int64(20), data_dir=small_imdb).x_train[0].max() < 20


def test_numpy_grumble_about_old_pickles_is_not_shown(small_imdb, monkeypatch):
    get = np.lib.npyio.NpzFile.__getitem__

    def grumble(archive, key):
        category = np.exceptions.VisibleDeprecationWarning
        warnings.warn("dtype(): align should be passed as", category, stacklevel=2)
        return get(archive, key)

    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", grumble)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        load_imdb(data_dir=small_imdb)
    assert shown == []


# --- the order of the three places ------------------------------------------------------


def test_places_in_order(tmp_path, monkeypatch, cache, site, good, capsys):
    def marked(n):
        return npz(**digits(n_train=n))

    for name, n in (("argument", 11), ("variable", 12)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mnist.npz").write_bytes(marked(n))
    monkeypatch.setitem(datasets.REBUILT_SHA256, "mnist.npz", sha256(marked(13)))
    (cache / "mnist.npz").write_bytes(marked(13))
    monkeypatch.setenv("NNUTILS_DATA_DIR", str(tmp_path / "variable"))

    data = load_mnist(str(tmp_path / "argument"))
    assert (len(data.x_train), data.source) == (11, "real")
    assert "data_dir" in data.origin
    data = load_mnist()
    assert (len(data.x_train), data.source) == (12, "real")
    assert "NNUTILS_DATA_DIR" in data.origin
    monkeypatch.setenv("NNUTILS_DATA_DIR", "")
    data = load_mnist()
    assert (len(data.x_train), data.source) == (13, "real")
    assert "Keras's cache" in data.origin
    assert site.requests == []

    (cache / "mnist.npz").unlink()
    data = load_mnist()
    assert (len(data.x_train), data.source) == (6, "real")
    assert (cache / "mnist.npz").read_bytes() == good
    assert os.listdir(cache) == ["mnist.npz"]
    assert load_mnist().source == "real"
    assert site.requests == ["mnist.npz"], "a second call must not download again"
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1

    (cache / "mnist.npz").unlink()
    monkeypatch.setattr(datasets, "ADDRESS", "https://nowhere.invalid/")
    assert load_mnist().source == "stand-in"


def test_stand_in_on_request_comes_before_all(tmp_path):
    data = load_mnist(tmp_path, stand_in=True)
    assert data.source == "stand-in"
    assert "stand_in=True" in data.origin


def test_keras_home_is_the_default_of_keras(tmp_path, monkeypatch, cache, good):
    (cache / "mnist.npz").write_bytes(good)
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "keras").rename(tmp_path / ".keras")
    monkeypatch.setattr(datasets, "ADDRESS", "https://nowhere.invalid/")
    assert load_mnist().source == "real"


def test_loaded_tells_the_source(tmp_path, small_imdb):
    load_mnist()
    load_imdb(data_dir=small_imdb)
    assert datasets.LOADED == {"mnist": "stand-in", "imdb": "real"}


def test_loaded_is_silent_about_a_failure(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_mnist(tmp_path)
    assert datasets.LOADED == {}


# --- a folder that was named: an error, never another source ------------------------------


@pytest.mark.parametrize("load", [load_mnist, load_imdb])
@pytest.mark.parametrize("way", ["data_dir", "NNUTILS_DATA_DIR"])
def test_empty_folder(tmp_path, monkeypatch, load, way):
    argument = {"data_dir": tmp_path} if way == "data_dir" else {}
    if not argument:
        monkeypatch.setenv(way, str(tmp_path))
    with pytest.raises(
        FileNotFoundError, match=rf"named by {way}, cannot be read \(No such"
    ) as caught:
        load(**argument)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error"), [("absent", FileNotFoundError), ("a file", NotADirectoryError)]
)
def test_not_a_folder(tmp_path, kind, error):
    if kind == "a file":
        (tmp_path / "it").write_text("")
    with pytest.raises(error, match="in the folder named by data_dir, cannot be read"):
        load_mnist(tmp_path / "it")


def test_word_index_missing(small_imdb):
    (small_imdb / "imdb_word_index.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"put a good, readable imdb_word_index\.json"):
        load_imdb(data_dir=small_imdb)


def refuse_reading(monkeypatch, error):
    # Simulated: the superuser may read everything.
    def refuse(path):
        raise error(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(pathlib.Path, "read_bytes", refuse)


def test_unreadable_folder(tmp_path, monkeypatch):
    refuse_reading(monkeypatch, PermissionError)
    with pytest.raises(PermissionError, match=r"cannot be read \(Permission denied\): put a good"):
        load_mnist(tmp_path)


def test_folder_in_place_of_the_file(tmp_path):
    (tmp_path / "mnist.npz").mkdir()
    with pytest.raises(IsADirectoryError, match=r"cannot be read \(Is a directory\): put a good"):
        load_mnist(tmp_path)


class Bomb:
    """Leaves a trace if it is ever unpickled."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return (os.mkdir, (self.trace,))


def broken_digits(kind, trace):
    arrays = digits()
    whole = npz(**arrays)
    if kind == "truncated":
        return whole[: len(whole) // 2]
    if kind == "empty":
        return b""
    if kind == "bytes changed":
        middle = len(whole) // 3
        return whole[:middle] + bytes(64) + whole[middle + 64 :]
    if kind == "text":
        return b"<html>404</html>"
    if kind == "npy":
        buffer = io.BytesIO()
        np.save(buffer, arrays["x_train"])
        return buffer.getvalue()
    if kind == "pickle":
        return pickle.dumps(Bomb(trace))
    if kind == "pickled member":
        return npz(**(arrays | {"y_test": ragged([Bomb(trace)] * 4)}))
    if kind == "other members":
        return npz(train=arrays["x_train"], test=arrays["x_test"])
    changes = {
        "shape": {"x_test": np.zeros((4, 32, 32), np.uint8)},
        "flat": {"x_train": np.zeros((6, 784), np.uint8)},
        "no images": {"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, np.uint8)},
        "floats": {"x_train": arrays["x_train"] / 255},
        "labels above": {"y_train": np.array([0, 1, 2, 3, 4, 10])},
        "labels below": {"y_train": np.array([0, 1, 2, 3, 4, -1])},
        "float labels": {"y_test": np.arange(4.0)},
        "one-hot labels": {"y_test": np.eye(10, dtype=np.uint8)[:4]},
        "lengths": {"y_test": np.zeros(5, np.uint8)},
    }
    return npz(**(arrays | changes[kind]))


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("truncated", "must be an archive of the plain arrays .* damaged or another file"),
        ("empty", "must be an archive of the plain arrays .* damaged or another file"),
        ("bytes changed", "must be an archive of the plain arrays .* damaged or another file"),
        ("text", "must be an archive of the plain arrays .* damaged or another file"),
        ("npy", "must be an archive of the plain arrays .* damaged or another file"),
        ("pickle", "must be an archive of the plain arrays .* damaged or another file"),
        ("pickled member", "must be an archive of the plain arrays .* damaged or another file"),
        ("other members", "must be an archive of the plain arrays .*x_train is not a file"),
        ("shape", r"for test, uint8 .* \(n, 28, 28\) .* got uint8 of shape \(4, 32"),
        ("flat", r"for train, .* got uint8 of shape \(6, 784\)"),
        ("no images", r"for test, .* got uint8 of shape \(0, 28, 28\)"),
        ("floats", "for train, .* got float64"),
        ("labels above", r"for train, .* labels from 0 to 9, .* holding \[ *0 .* 10\]"),
        ("labels below", r"for train, .* labels from 0 to 9, .* holding \[-1 "),
        ("float labels", r"for test, .* and float64 of shape \(4,\)"),
        ("one-hot labels", r"for test, .* and uint8 of shape \(4, 10\)"),
        ("lengths", r"for test, .* and uint8 of shape \(5,\)"),
    ],
)
def test_broken_mnist(tmp_path, kind, complaint):
    trace = tmp_path / "trace"
    content = broken_digits(kind, trace)
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as caught:
        load_mnist(tmp_path)
    assert "get a fresh copy" in str(caught.value)
    assert not trace.exists(), "a pickle was opened"
    assert (tmp_path / "mnist.npz").read_bytes() == content


def test_mnist_of_unknown_hash_is_welcome(tmp_path):
    expected = digits()
    (tmp_path / "mnist.npz").write_bytes(npz(**expected))
    data = load_mnist(tmp_path)
    for name, array in expected.items():
        assert np.array_equal(getattr(data, name), array)


@pytest.mark.parametrize("kind", ["truncated", "other pickle", "empty"])
def test_imdb_of_unknown_hash_is_never_opened(tmp_path, small_imdb, kind):
    trace = tmp_path / "trace"
    file = small_imdb / "imdb.npz"
    content = {
        "truncated": file.read_bytes()[:-100],
        "other pickle": npz(x_train=ragged([Bomb(trace)] * 2), y_train=np.arange(2)),
        "empty": b"",
    }[kind]
    file.write_bytes(content)
    with pytest.raises(ValueError, match="fresh copy") as caught:
        load_imdb(data_dir=small_imdb)
    assert sha256(content) in str(caught.value)
    assert not trace.exists(), "a pickle was opened"


def test_the_bomb_is_live(tmp_path):
    # Otherwise the tests above would prove nothing.
    pickle.loads(pickle.dumps(Bomb(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"the": 1, "a": 2',
        "[1, 2]",
        "{}",
        '{"the": 1, "a": 3}',
        '{"the": 1, "a": 1}',
        '{"the": 0, "a": 1}',
        '{"the": 1, "a": "2"}',
        "null",
        "\udcff",
    ],
)
def test_malformed_word_index(small_imdb, text):
    (small_imdb / "imdb_word_index.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"one JSON object of words and their ranks.*fresh copy"):
        load_imdb(data_dir=small_imdb)


def test_word_index_of_other_reviews(small_imdb):
    (small_imdb / "imdb_word_index.json").write_text('{"the": 1, "a": 2}')
    with pytest.raises(ValueError, match="has 2 words, the reviews use 40"):
        load_imdb(data_dir=small_imdb)


def test_word_index_in_another_layout_is_welcome(small_imdb):
    file = small_imdb / "imdb_word_index.json"
    index = json.loads(file.read_text())
    file.write_text(json.dumps(index, indent=2))
    assert load_imdb(data_dir=small_imdb).word_index == index


# --- the cache and the network --------------------------------------------------------------


def assert_stand_in(*reasons):
    data = load_mnist()
    assert data.source == "stand-in"
    for reason in reasons:
        assert reason in data.origin
    return data


def test_no_network_leaves_no_trace(tmp_path):
    assert_stand_in("nor downloaded", "Name or service not known")
    assert not (tmp_path / "keras").exists()


def test_silent_network(monkeypatch, site, good):
    site.silent_from = "start"
    site.silence.clear()
    monkeypatch.setattr(datasets, "PATIENCE", 0.2)
    assert_stand_in("timed out")
    site.silence.set()


def test_address_gone(site):
    assert_stand_in("nor downloaded", "Not Found")


@pytest.mark.parametrize("old", [None, b"a damaged copy"])
@pytest.mark.parametrize("fault", ["cut short", "stalls", "another file"])
def test_bad_download_replaces_nothing(monkeypatch, cache, site, good, old, fault):
    if old:
        (cache / "mnist.npz").write_bytes(old)
    if fault == "cut short":
        site.missing_bytes = 100
        reason = "incomplete"
    elif fault == "stalls":
        site.missing_bytes, site.silent_from = 100, "middle"
        site.silence.clear()
        monkeypatch.setattr(datasets, "PATIENCE", 0.2)
        reason = "timed out"
    else:
        site.files["mnist.npz"] = npz(**digits(n_train=9))
        reason = "not the file Keras publishes"
    data = assert_stand_in("nor downloaded", reason)
    assert ("is damaged" in data.origin) == bool(old)
    assert_unchanged(cache, old)


def assert_unchanged(cache, old):
    assert os.listdir(cache) == (["mnist.npz"] if old else []), "temporary files were left"
    if old:
        assert (cache / "mnist.npz").read_bytes() == old


@pytest.mark.parametrize("old", [None, b"a damaged copy"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "Connection reset"),
        (http.client.IncompleteRead(b"half"), "nor downloaded"),
        (urllib.error.ContentTooShortError("got only half", b""), "got only half"),
        (KeyboardInterrupt(), None),
    ],
)
def test_interrupted_half_way(monkeypatch, cache, good, old, error, reason):
    if old:
        (cache / "mnist.npz").write_bytes(old)
    seen = []

    def half(response, copy):
        copy.write(response.read(len(good) // 2))
        copy.flush()
        seen.extend(path.name for path in cache.rglob("*/mnist.npz"))
        raise error

    monkeypatch.setattr(shutil, "copyfileobj", half)
    if reason is None:
        with pytest.raises(KeyboardInterrupt):
            load_mnist()
    else:
        assert_stand_in(reason)
    assert seen == ["mnist.npz"], "the half must have been beside the target"
    assert_unchanged(cache, old)


def test_damaged_cache_is_repaired(cache, good):
    (cache / "mnist.npz").write_bytes(good[:-50])
    assert load_mnist().source == "real"
    assert (cache / "mnist.npz").read_bytes() == good
    assert os.listdir(cache) == ["mnist.npz"]


def test_damaged_cache_without_network(cache):
    (cache / "mnist.npz").write_bytes(b"PK half an archive")
    data = assert_stand_in(f"the cached file {cache / 'mnist.npz'} is damaged, and")
    assert "is damaged" in data._repr_html_()
    assert_unchanged(cache, b"PK half an archive")


def test_unreadable_cache_is_left_alone(monkeypatch, cache, site, good):
    (cache / "mnist.npz").write_bytes(b"who knows")
    with monkeypatch.context() as patch:
        refuse_reading(patch, PermissionError)
        assert_stand_in("could be neither read", "Permission denied")
    assert site.requests == []
    assert_unchanged(cache, b"who knows")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_cache_that_may_not_be_written(monkeypatch, good, code):
    def refuse(*args, **kwargs):
        raise OSError(code, os.strerror(code))  # Python makes EACCES a PermissionError

    monkeypatch.setattr(pathlib.Path, "mkdir", refuse)
    data = assert_stand_in(os.strerror(code))
    assert "KERAS_HOME names another place for downloads" in data._repr_html_()


def test_download_of_reviews_takes_both_files(cache, site, small_imdb, monkeypatch):
    for path in small_imdb.iterdir():
        site.files[path.name] = path.read_bytes()
        monkeypatch.setitem(datasets.KERAS_SHA256, path.name, sha256(path.read_bytes()))
    assert load_imdb().source == "real"
    assert sorted(os.listdir(cache)) == ["imdb.npz", "imdb_word_index.json"]


def test_reviews_without_their_word_index_are_no_use(cache, small_imdb):
    shutil.copy(small_imdb / "imdb.npz", cache)
    data = load_imdb()
    assert data.source == "stand-in"
    assert "imdb_word_index.json could be neither read" in data.origin


def test_changed_word_index_in_the_cache_is_not_used(cache, small_imdb):
    for path in small_imdb.iterdir():
        shutil.copy(path, cache)
    assert "imdb_word_index.json is damaged" in load_imdb().origin


def test_addresses_and_hashes_are_those_of_keras(monkeypatch):
    from keras.src.datasets import imdb, mnist

    asked = {}

    def note(fname, origin, file_hash):
        asked[fname] = (origin, file_hash)
        raise InterruptedError

    for module, call in ((mnist, "load_data"), (imdb, "load_data"), (imdb, "get_word_index")):
        monkeypatch.setattr(module, "get_file", note)
        with pytest.raises(InterruptedError):
            getattr(module, call)()
    assert {name: origin for name, (origin, _) in asked.items()} == {
        name: datasets.ADDRESS + name for name in datasets.KERAS_SHA256
    }
    for name in ("mnist.npz", "imdb.npz"):
        assert asked[name][1] == datasets.KERAS_SHA256[name]
    assert asked["imdb_word_index.json"][1] == "bfafd718b763782e994055a2d397834f"


def test_real_word_index_is_the_one_keras_checks(real_folder):
    # Keras gives its MD5 only: the same bytes must have both hashes.
    content = (real_folder / "imdb_word_index.json").read_bytes()
    assert hashlib.md5(content).hexdigest() == "bfafd718b763782e994055a2d397834f"
    assert sha256(content) == datasets.KERAS_SHA256["imdb_word_index.json"]


# --- the stand-ins --------------------------------------------------------------------------


def test_stand_in_digits():
    data = load_mnist(stand_in=True)
    assert data.x_train.shape == (1500, 28, 28)
    assert data.x_test.shape == (297, 28, 28)
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    assert data.class_names == tuple("0123456789")
    assert data.best_accuracy is None
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert x.min() == 0
        assert x.max() == 255
        assert not x[:, :4].any(), "the frame is empty"
        assert not x[:, :, 24:].any(), "the frame is empty"
        shares = np.bincount(y, minlength=10) / len(y)
        assert 0.08 < shares.min() <= shares.max() < 0.13


def test_stand_in_digits_show_the_same_strokes():
    from sklearn.datasets import load_digits

    small = load_digits().images
    data = load_mnist(stand_in=True)
    large = np.concatenate([data.x_train, data.x_test])[:, 4:24, 4:24]
    # Averaged over 5x5 new pixels and 2x2 old ones, both are the same 4x4 picture.
    ours = large.reshape(-1, 4, 5, 4, 5).mean(axis=(2, 4)) / 255
    theirs = small.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)) / 16
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.97
    assert abs(ours.mean() - theirs.mean()) < 0.02
    assert np.array_equal(np.concatenate([data.y_train, data.y_test]), load_digits().target)


def test_stand_in_digits_need_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        load_mnist(stand_in=True)


@pytest.fixture(scope="module")
def reviews():
    return load_imdb(stand_in=True)


def feelings(data, reviews):
    """Count for each review its words that end in joy, in woe, and how many differ."""
    side = np.zeros(1 + 3 + len(data.word_index), dtype=int)
    for word, rank in data.word_index.items():
        side[rank + 3] = word.endswith("joy") - word.endswith("woe")
    counts = []
    for review in reviews:
        tokens = review[side[review] != 0]
        joy = np.sum(side[tokens] > 0)
        counts.append((joy, len(tokens) - joy, len(np.unique(tokens))))
    return np.array(counts)


def test_stand_in_reviews_have_the_layout_of_the_real_ones(reviews):
    for x, y in ((reviews.x_train, reviews.y_train), (reviews.x_test, reviews.y_test)):
        assert x.shape == y.shape == (25_000,)
        assert x.dtype == object
        assert y.dtype == np.int64
        assert y.sum() == 12_500
        assert {review.dtype for review in x} == {np.dtype(np.int32)}
        assert all(review[0] == 1 and len(review) > 10 for review in x)
        tokens = np.concatenate(list(x))
        lengths = np.array([len(review) for review in x])
        assert np.sum(tokens == 1) == 25_000
        assert tokens.min() == 1
        assert tokens.max() == 9_999
        assert not np.any(tokens == 3)
        assert 0.03 < np.mean(tokens == 2) < 0.1
        assert 215 < lengths.mean() < 245  # the real ones: 239, with a median of 178
        assert 165 < np.median(lengths) < 185
    assert reviews.class_names == ("negative", "positive")


def test_stand_in_reviews_follow_zipf(reviews):
    counts = np.bincount(np.concatenate(list(reviews.x_train)), minlength=10_000)[4:]
    ranks = np.array([1, 3, 10, 30, 70, 100, 150, 300, 1000])
    assert np.allclose(counts[ranks - 1] * ranks / counts[0], 1, atol=0.15)


def test_stand_in_words_are_distinct_and_ranked(reviews):
    index = reviews.word_index
    assert sorted(index.values()) == list(range(1, 20_001))
    assert all(word.isascii() and word.isalpha() and word.islower() for word in index)
    joy = {rank for word, rank in index.items() if word.endswith("joy")}
    woe = {rank for word, rank in index.items() if word.endswith("woe")}
    assert len(joy) == len(woe) == 20
    assert joy | woe == set(range(81, 121))


def test_stand_in_reviews_decode_and_encode(reviews):
    word = {rank + 3: word for word, rank in reviews.word_index.items()}
    for review in reviews.x_test[:50]:
        kept = [token for token in review.tolist() if token > 3]
        text = " ".join(word[token] for token in kept)
        assert [reviews.word_index[w] + 3 for w in text.split()] == kept


def test_best_accuracy_is_what_the_best_rule_reaches(reviews):
    from scipy.stats import binom

    assert reviews.best_accuracy == pytest.approx(binom.sf(4, 9, 0.7), abs=1e-12)
    deviation = np.sqrt(reviews.best_accuracy * (1 - reviews.best_accuracy) / 25_000)
    for x, y in ((reviews.x_train, reviews.y_train), (reviews.x_test, reviews.y_test)):
        joy, woe, different = feelings(reviews, x).T
        assert np.all(joy + woe == 9)
        assert np.all(different == 9), "no feeling word comes twice in a review"
        reached = np.mean((joy > woe) == (y == 1))
        assert abs(reached - reviews.best_accuracy) < 4 * deviation


def test_only_feeling_words_tell_the_label(reviews):
    # Elsewhere the two classes must agree: in length, and in how often each word occurs.
    y = reviews.y_train
    lengths = np.log([len(review) for review in reviews.x_train])
    gap = lengths[y == 1].mean() - lengths[y == 0].mean()
    assert abs(gap) < 4 * lengths.std() * np.sqrt(2 / 12_500)
    counts = [
        np.bincount(np.concatenate(list(reviews.x_train[y == label])), minlength=10_000)
        for label in (0, 1)
    ]
    shares = [count / count.sum() for count in counts]
    neutral = np.r_[4:84, 124:400]
    deviations = (shares[0] - shares[1])[neutral] / np.sqrt(
        shares[0][neutral] / counts[0].sum() + shares[1][neutral] / counts[1].sum()
    )
    assert np.abs(deviations).max() < 5
    assert 0.8 < deviations.std() < 1.2


def test_stand_in_is_always_the_same(reviews):
    again = load_imdb(stand_in=True)
    for name in ("x_train", "x_test"):
        ours, theirs = getattr(reviews, name), getattr(again, name)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert np.array_equal(reviews.y_train, again.y_train)
    assert np.array_equal(load_mnist().x_train, load_mnist().x_train)
    assert not np.array_equal(reviews.y_train, reviews.y_test)


def test_stand_in_leaves_global_randomness_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    load_imdb(stand_in=True)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("num_words", [124, 123])
def test_small_num_words_keeps_feelings_down_to_124(num_words):
    data = load_imdb(num_words, stand_in=True)
    tokens = np.concatenate(list(data.x_train[:2000]))
    assert tokens.max() == num_words - 1
    assert (data.best_accuracy is not None) == (num_words == 124)
    full = load_imdb(None, stand_in=True)
    same = all(
        np.array_equal(np.where(b < num_words, b, 2), a)
        for a, b in zip(data.x_test[:500], full.x_test[:500], strict=True)
    )
    assert same, "num_words must not change anything else"


# --- what a page shows -----------------------------------------------------------------------


def test_dataset_is_frozen(reviews):
    with pytest.raises(dataclasses.FrozenInstanceError):
        reviews.source = "real"


def test_repr_is_one_friendly_line(small_imdb, reviews):
    assert repr(load_imdb(data_dir=small_imdb)) == (
        "<IMDB, real: x_train (50,), x_test (30,), 2 classes>"
    )
    assert repr(reviews) == "<IMDB, stand-in: x_train (25000,), x_test (25000,), 2 classes>"


def shown(data):
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(data)
    return shown["text/html"], shown["text/plain"]


def test_a_stand_in_says_so_and_how_to_do_better(reviews):
    for text in shown(reviews):
        assert "STAND-IN: this is not the real data set." in text
        assert "Sentences about the real set do not apply to this run." in text
        assert "To get the real set" in text
        assert "NNUTILS_DATA_DIR" in text
        assert "imdb.npz and imdb_word_index.json" in text


def test_real_data_say_so(small_imdb):
    for text in shown(load_imdb(data_dir=small_imdb)):
        assert "Real data." in text
        assert "stand" not in text.lower()


def test_box_keeps_the_colours_of_the_page_and_escapes_text(reviews):
    strange = dataclasses.replace(reviews, origin="<script>&")
    page = strange._repr_html_()
    assert "currentColor" in page
    assert "background" not in page
    assert "color:" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;&amp;" in page


def test_import_is_light():
    loaded = run("import sys, nnutils.datasets; print(*sys.modules)").split()
    assert not {"keras", "tensorflow", "sklearn", "scipy", "pandas"} & set(loaded)


def test_a_home_that_nobody_has_is_a_folder_that_cannot_be_read():
    with pytest.raises(OSError, match="in the folder named by data_dir, cannot be read"):
        load_mnist("~nosuchuser/data")

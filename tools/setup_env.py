"""Make the virtual environment that every other command uses.

Run by ``make``; needs nothing but a Python. It installs exactly what
``requirements.lock`` names, by hash, then ``nnutils`` itself. Run again, it
returns at once unless something it depends on has changed.

Kept to the syntax of old Pythons so that they, too, get a clear answer.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUPPORTED = [(3, 11), (3, 12), (3, 13)]
NEEDED_BYTES = 4 * 1024**3  # the environment itself takes about 2.5 GB, caches the rest
STAMP = "course.json"


def stop(*lines):
    """End with a plain message and no traceback."""
    print("\n".join(("setup: " if i == 0 else "       ") + line for i, line in enumerate(lines)))
    sys.exit(1)


def supported_python():
    """Return this Python, or another supported one that is installed, else stop."""
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for major, minor in reversed(SUPPORTED):
        found = shutil.which(f"python{major}.{minor}")
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return stop(
        "the course needs Python 3.11, 3.12 or 3.13; this one is {}.{}.".format(
            *sys.version_info[:2]
        ),
        "Install one of them, then name it: make book PYTHON=python3.12",
    )


def fingerprint(python):
    """Return what the environment is made from; a change in any of it makes it stale."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version)"])
    return {
        "made by": "setup_env",
        "python": version.decode().strip(),
        "locked": digest.hexdigest(),
        "place": ROOT,  # an environment that was moved has wrong paths inside
    }


def interpreter(env):
    """Return the path of the Python inside the environment."""
    return os.path.join(env, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))


def read_stamp(env):
    """Return what the environment was made from, or None."""
    try:
        with open(os.path.join(env, STAMP)) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def is_healthy(env):
    """Tell whether the Python inside the environment starts."""
    try:
        return subprocess.call([interpreter(env), "-c", "import encodings"]) == 0
    except OSError:
        return False


def can_make_environments(python):
    """Tell whether a Python has what ``-m venv`` needs; Debian packs it separately."""
    return subprocess.call([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) == 0


def remove_stale(env, wanted):
    """Remove an environment that no longer fits, but only if the course made it."""
    if not os.path.isdir(env):
        return
    stamp = read_stamp(env)
    if stamp is None or stamp.get("made by") != "setup_env":
        stop(
            f"{env} exists and was not made by this course, so it is left alone.",
            "Move it away, or choose another folder: make book VENV=.venv-course",
        )
    same = all(stamp.get(key) == wanted[key] for key in ("python", "place"))
    if not (same and is_healthy(env)):
        print(f"setup: the environment in {env} is stale; making it anew.")
        shutil.rmtree(env)


def write_stamp(env, content):
    """Record what the environment was made from."""
    with open(os.path.join(env, STAMP), "w") as file:
        json.dump(content, file)


def run(command, doing):
    """Run one step; on failure say in plain words what happened and what to do."""
    print(f"setup: {doing} ...", flush=True)
    result = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if result.returncode == 0:
        return
    sys.stderr.write(result.stderr[-4000:])
    text = result.stderr.lower()
    if "no space left" in text:
        stop(f"the disk filled up while {doing}.", "Free about 4 GB and run again.")
    network = (
        "failed to fetch",
        "connect",
        "resolution",
        "resolve",
        "network",
        "timed out",
        "dns",
        "no matching",
    )
    if any(word in text for word in network):
        stop(
            f"could not reach the package index while {doing}.",
            "Nothing of yours was changed. Check the network and run the same command again.",
        )
    stop(f"failed while {doing}; the lines above say why.")


def locked_requirement(name):
    """Return the lines of the lock that pin one package with its hashes."""
    with open(os.path.join(ROOT, "requirements.lock")) as file:
        lines = file.read().split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(name + "=="))
    end = start
    while lines[end].endswith("\\"):
        end += 1
    return "\n".join(lines[start : end + 1]) + "\n"


def install(env):
    """Install the lock and ``nnutils`` into the environment."""
    python = interpreter(env)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        pin = os.path.join(folder, "uv.txt")
        with open(pin, "w") as file:
            file.write(locked_requirement("uv"))
        run([*pip, "--require-hashes", "-r", pin], "fetching the installer")
    # The system's certificates, as pip uses them: schools and companies add their own.
    uv = [python, "-m", "uv", "--system-certs", "pip"]
    # Compiled once here, or each of the first notebooks would compile TensorFlow for itself.
    lock = ["--compile-bytecode", "--require-hashes", "requirements.lock"]
    run([*uv, "sync", "--python", python, *lock], "installing the locked packages")
    own = ["install", "--python", python, "--no-deps", "--no-build-isolation", "--quiet", "-e", "."]
    run([*uv, *own], "installing nnutils")


def main():
    """Bring the environment up to date, or say why that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("env", nargs="?", default=".venv", help="folder of the environment")
    env = os.path.join(ROOT, parser.parse_args().env)
    python = supported_python()
    wanted = fingerprint(python)
    if read_stamp(env) == wanted and is_healthy(env):
        return
    remove_stale(env, wanted)
    if not can_make_environments(python):
        stop(
            "this Python cannot make virtual environments (no venv or no ensurepip).",
            "On Debian and Ubuntu: apt install python{}.{}-venv".format(*sys.version_info[:2]),
        )
    free = shutil.disk_usage(ROOT).free
    if not os.path.isdir(env):
        if free < NEEDED_BYTES:
            stop(
                f"the environment needs about 4 GB of disk, and {free / 1024**3:.1f} GB are free.",
                "Make room and run again; nothing was changed.",
            )
        print(f"setup: making the environment in {env} (once; about 2.5 GB) ...")
        run([python, "-m", "venv", env], "making the virtual environment")
        # Stamped as ours at once: an interrupted installation is then repaired by the next run.
        write_stamp(env, dict(wanted, locked="unfinished"))
    install(env)
    write_stamp(env, wanted)
    print("setup: ready.")


if __name__ == "__main__":
    main()

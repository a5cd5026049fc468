"""Executed inside a notebook's kernel after its last cell: what the run used.

The runner puts ``target``, the path of the JSON file to write, into the
namespace. Nothing here imports what the page itself did not import.
"""

import json
import os
import sys


def peak_memory_mib():
    """Return the highest resident memory of this process so far, in MiB."""
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows; psutil comes with ipykernel
        import psutil

        return psutil.Process().memory_info().peak_wset / 1024**2
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def cpu_seconds():
    """Return the processor seconds of this process, and of those below it, ended or not."""
    import psutil  # ipykernel has loaded it

    below = psutil.Process().children(recursive=True)
    return sum(os.times()[:4]) + sum(sum(process.cpu_times()[:4]) for process in below)


def files_of_nnutils():
    """Return the source files of ``nnutils`` that this run has loaded."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "nnutils"]
    return sorted(os.path.realpath(m.__file__) for m in modules if getattr(m, "__file__", None))


datasets = sys.modules.get("nnutils.datasets")
with open(target, "w") as file:  # noqa: F821
    json.dump(
        {
            "peak_mib": round(peak_memory_mib()),
            "cpu_seconds": round(cpu_seconds(), 1),
            "cores": os.cpu_count(),
            "nnutils": files_of_nnutils(),
            "modules": sorted({name.split(".")[0] for name in sys.modules}),
            "data": dict(datasets.LOADED) if datasets else {},
        },
        file,
    )

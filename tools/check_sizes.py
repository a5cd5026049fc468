"""Refuse large files: data and outputs do not belong in the project."""

import sys
from pathlib import Path

LIMIT_KB = 500


def main(names: list[str]) -> int:
    """Print each file over the limit and return 1 if there is one."""
    large = [n for n in names if Path(n).is_file() and Path(n).stat().st_size > LIMIT_KB * 1024]
    for name in large:
        print(f"{name}: {Path(name).stat().st_size // 1024} kB, over the limit of {LIMIT_KB} kB")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

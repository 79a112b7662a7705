"""Two processes of the same kind that begin at one instant."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def together(module: str, *arguments: str, wait: float) -> list[list[str]]:
    """What each of two processes of `module` printed; `wait` is how long they need to start."""
    start = str(time.time() + wait)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"tests.core.kernel.{module}", start, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        said.append(out.split())
    return said

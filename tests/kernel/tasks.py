"""Tasks for the tests of background work. They leave marks in files, so runs can be counted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from elicitation.kernel.work import WorkHandle


def mark(path: str, word: str) -> None:
    """Append one line; small appends are atomic."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{word}\n".encode())
    os.close(descriptor)


def say_once(work: WorkHandle, *, path: str, word: str) -> dict[str, Any]:
    """Leave one mark."""
    mark(path, word)
    return {"word": word, "nothing": float("nan")}


def meet(work: WorkHandle, *, path: str) -> None:
    """Wait until another worker is here too."""
    mark(path, "here")
    while Path(path).read_text().count("here") < 2:
        time.sleep(0.01)


def first_time_for_ever(work: WorkHandle, *, path: str) -> dict[str, int]:
    """Hang, with a grandchild, the first time; end at once when started again."""
    mark(path, f"began {os.getpid()}")
    if Path(path).read_text().count("began") == 1:
        linger(work, path=path)
    mark(path, "completed 0")
    return {"attempt": work.attempt}


def linger(work: WorkHandle, *, path: str) -> None:
    """Start a grandchild, say so, and wait for ever."""
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    grandchild = subprocess.Popen([sys.executable, "-c", program])
    mark(path, f"child {os.getpid()}")
    mark(path, f"grandchild {grandchild.pid}")
    work.report(done=3, of=10, say="Fitting preferences")
    time.sleep(600)


def refuse(work: WorkHandle) -> None:
    """Fail with a sentence."""
    raise ValueError("The file has no answers in it.")


def stumble(work: WorkHandle) -> None:
    """Fail without one."""
    {}["community\0"]


def die(work: WorkHandle) -> None:
    """Be killed, as by a machine that ran out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def count_to(work: WorkHandle, *, n: int) -> int:
    """Report each step."""
    for i in range(n):
        work.report(done=i + 1, of=n, say="Counting")
    return n

"""How the pages are served: threads, because 500 people answer in the same instant."""

import os
import sys

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
# Read by the settings: 16 connections, each with a cache of its own.
os.environ.setdefault("SQLITE_CACHE_KIB", "8192")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 16
# An import or an export may stream for a while; a thread that hangs longer is replaced.
timeout = 120
graceful_timeout = 10
keepalive = 5
errorlog = "-"
# Nothing here is steered through a socket, and the file would be left behind.
control_socket_disable = True


def post_fork(server: object, worker: object) -> None:
    """Have threads take turns more often than every 5 ms.

    Whoever records a hall's answers asks the database some twenty times, and after each time waits
    for its turn behind threads that compute, while the whole hall waits for it.
    """
    sys.setswitchinterval(0.0005)

"""A pytest plugin that points kazoo's own test suite at a server that runs already.

KAZOO_SERVER is its host:port. The suite wants to start a cluster of its own; this one's three
members are doors to the same server. KAZOO_RESULTS is a file that gets one JSON line a test,
KAZOO_EXCLUDED names the tests to leave out.
"""

import json
import os
import signal
import socket
import threading

import pytest

from kazoo.testing import harness

# The longest test takes less than half of it.
TEST_SECONDS_MAX = 60

HOST, PORT = os.environ["KAZOO_SERVER"].rsplit(":", 1)


class Door:
    """Stands in for kazoo.testing.common.ManagedZooKeeper: a TCP proxy that can be shut."""

    def __init__(self):
        self._listener = None
        self._sockets = set()
        self._port = 0
        self.running = True
        self.run()

    @property
    def address(self):
        """What a client connects to."""
        return f"127.0.0.1:{self._port}"

    def run(self):
        """Lets clients in, on the same port as before."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self._listener.listen()
        self.running = True
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def stop(self):
        """Refuses new connections and ends those there are, as a server does that has gone."""
        self.running = False
        # Wakes the thread that accepts; close alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._sockets):
            self._end(sock)

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((HOST, int(PORT)))
            self._sockets.update([client, server])
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        self._end(source)
        self._end(target)

    def _end(self, sock):
        self._sockets.discard(sock)
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()


class Direct:
    """The server itself, for all tests that leave their cluster alone."""

    address = f"{HOST}:{PORT}"
    client_port = int(PORT)
    running = True


class Cluster(list):
    """Stands in for kazoo.testing.common.ZookeeperCluster."""

    def start(self):
        """The server runs already."""

    terminate = start


# By pytest's ids, which depend on how a test was asked for: its file and what is behind it.
NAMES = {}

DIRECT = Cluster([Direct()])
DOORS = ("test_request_queuing", "test_update_host_list")


def name_of(item):
    """`test_lock.py::Class::test`"""
    return f"{item.path.name}::{item.nodeid.split('::', 1)[1]}"


def pytest_collection_modifyitems(items):
    """Leaves out what exclusions.ts lists."""
    excluded = os.environ["KAZOO_EXCLUDED"].split()
    items[:] = [item for item in items if name_of(item) not in excluded]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Gives a test its cluster, and fails it if it waits for ever: kazoo's waits have no end."""
    NAMES[item.nodeid] = name_of(item)
    needs_doors = item.name.startswith(DOORS)
    cluster = Cluster([Door(), Door(), Door()]) if needs_doors else DIRECT
    harness.get_global_cluster = lambda: cluster

    def give_up(_number, _frame):
        pytest.fail(f"no end after {TEST_SECONDS_MAX} s")

    signal.signal(signal.SIGALRM, give_up)
    # Again and again: the tear-down may wait for ever, too.
    signal.setitimer(signal.ITIMER_REAL, TEST_SECONDS_MAX, 10)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def pytest_runtest_logreport(report):
    """Writes what became of a test; a failed set-up or tear-down fails it."""
    is_worth_it = report.when == "call" or report.outcome != "passed"
    if not is_worth_it:
        return
    line = {
        "test": NAMES[report.nodeid],
        "outcome": report.outcome,
        "seconds": report.duration,
        "why": "" if report.outcome == "passed" else str(report.longrepr)[-4000:],
    }
    with open(os.environ["KAZOO_RESULTS"], "a", encoding="utf8") as results:
        results.write(json.dumps(line) + "\n")

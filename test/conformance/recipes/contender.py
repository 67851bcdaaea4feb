"""kazoo's recipes, told by lines on standard input what to do. Usage: contender.py host:port timeoutMs.

A line is `id verb arguments`; each is done in a thread of its own, and what comes of it is said in
lines `#id text`.
"""

import os
import sys
import threading
import time
from collections import defaultdict

from kazoo.client import KazooClient
from kazoo.recipe.cache import TreeCache

hosts, timeout_ms = sys.argv[1:3]
client = KazooClient(hosts=hosts, timeout=int(timeout_ms) / 1000)
releases = defaultdict(threading.Event)
saying = threading.Lock()


def say(id, text):
    with saying:
        print("#%s %s" % (id, text), flush=True)


class Election:
    """Leads until it is told to resign."""

    def __init__(self, path):
        self.election = client.Election(path, "kazoo")

    def take(self):
        elected, self.resigns = threading.Event(), threading.Event()

        def lead():
            elected.set()
            self.resigns.wait()

        self.thread = threading.Thread(target=lambda: self.election.run(lead), daemon=True)
        self.thread.start()
        elected.wait()

    def let_go(self):
        self.resigns.set()
        self.thread.join()


class Held:
    def __init__(self, take, let_go):
        self.take, self.let_go = take, let_go


def held_by(recipe, path):
    if recipe == "Election":
        return Election(path)
    if recipe == "Party":
        party = client.Party(path, "python")
        return Held(party.join, party.leave)
    if recipe == "Semaphore":
        lease = client.Semaphore(path, "kazoo", max_leases=2)
    elif recipe == "LockOfCurator":
        lease = client.Lock(path, "kazoo", extra_lock_patterns=["-lock-"])
    else:
        lease = getattr(client, recipe)(path, "kazoo")
    return Held(lease.acquire, lease.release)


def hold(id, recipe, path):
    held = held_by(recipe, path)
    held.take()
    say(id, "held")
    releases[id].wait()
    held.let_go()
    say(id, "released")


def take_place(folder, places):
    for place in range(int(places)):
        try:
            path = os.path.join(folder, "place-%d" % place)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
            return path
        except FileExistsError:
            continue
    return None


def contend(id, recipe, path, folder, rounds, places):
    """Takes something again and again; says how often there was no place for it."""
    held = held_by(recipe, path)
    overlaps = 0
    for _ in range(int(rounds)):
        held.take()
        place = take_place(folder, places)
        client.exists("/")
        if place is None:
            overlaps += 1
        else:
            os.unlink(place)
        held.let_go()
    say(id, overlaps)


def count(id, recipe, path, times):
    counter = client.Counter(path, support_curator=recipe == "CounterOfCurator")
    for _ in range(int(times)):
        counter += 1
    say(id, counter.value)


def pass_barrier(id, path):
    barrier = client.Barrier(path)
    barrier.create()
    say(id, "set")
    barrier.wait()
    say(id, "passed")
    barrier.create()
    say(id, "set again")
    releases[id].wait()
    barrier.remove()


def pass_double(id, path, count):
    barrier = client.DoubleBarrier(path, int(count))
    say(id, "enters")
    barrier.enter()
    say(id, "entered")
    releases[id].wait()
    barrier.leave()
    say(id, "left")


def members(id, path, count):
    party = client.Party(path)
    for _ in range(600):
        names = sorted(party)
        if len(names) == int(count):
            break
        time.sleep(0.05)
    say(id, ",".join(names))


def follow(id, kind, path, wanted):
    """Says when a cache has data that are so."""
    seen = threading.Event()
    if kind == "TreeCache":
        cache = TreeCache(client, path)
        cache.listen(
            lambda event: seen.set()
            if event.event_data is not None and event.event_data.data == wanted.encode()
            else None
        )
        cache.start()
    else:

        @client.DataWatch(path)
        def changed(data, stat):
            if data == wanted.encode():
                seen.set()

    say(id, "follows")
    say(id, "seen" if seen.wait(30) else "not seen")


def put(id, path, first, times):
    queue = client.LockingQueue(path)
    for number in range(int(first), int(first) + int(times)):
        queue.put(str(number).encode())
    say(id, "put")


def take(id, path, idle_s):
    """Takes what there is until nothing has come for some time; says so, and then what it was."""
    queue = client.LockingQueue(path)
    taken = []
    while True:
        entry = queue.get(timeout=float(idle_s))
        if entry is None:
            break
        # Not ours any more: somebody else has it.
        if queue.consume():
            taken.append(entry.decode())
            if len(taken) == 1:
                say(id, "takes")
    say(id, ",".join(taken))


def claim(id, path):
    say(id, "claimed " + client.LockingQueue(path).get(timeout=30).decode())


VERBS = {
    "hold": hold,
    "release": lambda id, other: releases[other].set(),
    "contend": contend,
    "count": count,
    "pass": pass_barrier,
    "double": pass_double,
    "members": members,
    "follow": follow,
    "put": put,
    "take": take,
    "claim": claim,
}


def obey(id, verb, *args):
    try:
        VERBS[verb](id, *args)
    except BaseException as error:
        say(id, "failed %r" % error)


client.start()
say("0", "ready")
for line in sys.stdin:
    threading.Thread(target=obey, args=line.split(), daemon=True).start()
client.stop()
os._exit(0)

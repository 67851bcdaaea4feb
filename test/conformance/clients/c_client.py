"""ZooKeeper's C client, driven through ctypes; prints what happens, the same on every server.

Debian's binding of it, python3-zookeeper, does not load in Debian's own Python 3.11 (undefined symbol
PyIOBase_Type). Usage: c_client.py host:port. A line `cut` asks whoever reads it to cut all connections
of the server's door, so that the client reconnects.
"""

import ctypes as c
import queue
import sys

WAIT_S = 30

zk = c.CDLL("libzookeeper_mt.so.2")


class Stat(c.Structure):
    """struct Stat"""

    _fields_ = [
        ("czxid", c.c_int64),
        ("mzxid", c.c_int64),
        ("ctime", c.c_int64),
        ("mtime", c.c_int64),
        ("version", c.c_int32),
        ("cversion", c.c_int32),
        ("aversion", c.c_int32),
        ("ephemeralOwner", c.c_int64),
        ("dataLength", c.c_int32),
        ("numChildren", c.c_int32),
        ("pzxid", c.c_int64),
    ]

    def __str__(self):
        owner = "session" if self.ephemeralOwner else "none"
        order = "created last" if self.czxid == self.mzxid else "changed since"
        return (
            f"{order} version={self.version} cversion={self.cversion} aversion={self.aversion}"
            f" owner={owner} length={self.dataLength} children={self.numChildren}"
        )


class Id(c.Structure):
    """struct Id"""

    _fields_ = [("scheme", c.c_char_p), ("id", c.c_char_p)]


class Acl(c.Structure):
    """struct ACL"""

    _fields_ = [("perms", c.c_int32), ("id", Id)]


class AclVector(c.Structure):
    """struct ACL_vector"""

    _fields_ = [("count", c.c_int32), ("data", c.POINTER(Acl))]

    def __str__(self):
        entries = [self.data[i] for i in range(self.count)]
        return ",".join(f"{e.id.scheme}:{e.id.id}:{e.perms}" for e in entries)


class StringVector(c.Structure):
    """struct String_vector"""

    _fields_ = [("count", c.c_int32), ("data", c.POINTER(c.c_char_p))]

    def __str__(self):
        return ",".join(sorted(self.data[i].decode() for i in range(self.count)))


class ClientId(c.Structure):
    """clientid_t"""

    _fields_ = [("client_id", c.c_int64), ("passwd", c.c_char * 16)]


class OpResult(c.Structure):
    """zoo_op_result_t"""

    _fields_ = [
        ("err", c.c_int),
        ("value", c.c_char_p),
        ("valuelen", c.c_int),
        ("stat", c.POINTER(Stat)),
    ]


OP_BYTES = 72
WATCHER = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_int, c.c_char_p, c.c_void_p)
COMPLETION = c.CFUNCTYPE(None, c.c_int, c.c_void_p)

zk.zookeeper_init.restype = c.c_void_p
zk.zookeeper_init.argtypes = [c.c_char_p, WATCHER, c.c_int, c.c_void_p, c.c_void_p, c.c_int]
zk.zoo_client_id.restype = c.POINTER(ClientId)
zk.zoo_client_id.argtypes = [c.c_void_p]
zk.zoo_create_ttl.argtypes = [
    c.c_void_p,
    c.c_char_p,
    c.c_char_p,
    c.c_int,
    c.c_void_p,
    c.c_int,
    c.c_int64,
    c.c_char_p,
    c.c_int,
]
OPEN = AclVector.in_dll(zk, "ZOO_OPEN_ACL_UNSAFE")
zk.zoo_set_debug_level(0)

events = queue.Queue()
EPHEMERAL, SEQUENCE, CONTAINER, TTL = 1, 2, 4, 5


def say(*words):
    """One line of what is compared."""
    print(*words, flush=True)


def _on_event(_handle, kind, state, path, context):
    name = "session" if kind == -1 else f"watch {context or 0}"
    events.put(f"{name}: type={kind} state={state} path={(path or b'').decode()}")


def _on_done(rc, _data):
    events.put(f"done: rc={rc}")


on_event = WATCHER(_on_event)
on_done = COMPLETION(_on_done)


def expect_event():
    """Waits for the next event, and prints it."""
    say(events.get(timeout=WAIT_S))


class Client:
    """One handle of the C client; every call prints its result."""

    def __init__(self, address, session=None):
        self.handle = c.c_void_p(
            zk.zookeeper_init(address.encode(), on_event, 10_000, session, None, 0)
        )
        expect_event()

    def id(self):
        """A copy of the session's id and password."""
        given = zk.zoo_client_id(self.handle).contents
        copy = ClientId()
        c.memmove(c.byref(copy), c.byref(given), c.sizeof(ClientId))
        return copy

    def create(self, path, data=b"x", mode=0, acl=OPEN):
        """zoo_create2, whatever the mode."""
        name, stat = c.create_string_buffer(200), Stat()
        size = -1 if data is None else len(data)
        rc = zk.zoo_create2(
            self.handle, path, data, size, c.byref(acl), mode, name, 200, c.byref(stat)
        )
        say("create", path, rc, name.value, stat if rc == 0 else "")

    def create_ttl(self, path, ttl):
        """zoo_create_ttl"""
        name = c.create_string_buffer(200)
        rc = zk.zoo_create_ttl(self.handle, path, b"x", 1, c.addressof(OPEN), TTL, ttl, name, 200)
        say("create ttl", path, rc, name.value)

    def get(self, path, watch=0):
        """zoo_wget; a watch is a number that its event shows."""
        data, size, stat = c.create_string_buffer(2000), c.c_int(2000), Stat()
        watcher = on_event if watch else None
        rc = zk.zoo_wget(
            self.handle, path, watcher, c.c_void_p(watch), data, c.byref(size), c.byref(stat)
        )
        say("get", path, rc, size.value if rc == 0 else "", data.value, stat if rc == 0 else "")

    def exists(self, path, watch=0):
        """zoo_wexists"""
        stat = Stat()
        watcher = on_event if watch else None
        rc = zk.zoo_wexists(self.handle, path, watcher, c.c_void_p(watch), c.byref(stat))
        say("exists", path, rc, stat if rc == 0 else "")

    def children(self, path, watch=0):
        """zoo_wget_children2"""
        names, stat = StringVector(), Stat()
        watcher = on_event if watch else None
        rc = zk.zoo_wget_children2(
            self.handle, path, watcher, c.c_void_p(watch), c.byref(names), c.byref(stat)
        )
        say("children", path, rc, names if rc == 0 else "", stat if rc == 0 else "")

    def set(self, path, data, version=-1):
        """zoo_set2"""
        stat = Stat()
        rc = zk.zoo_set2(self.handle, path, data, len(data), version, c.byref(stat))
        say("set", path, rc, stat if rc == 0 else "")

    def delete(self, path, version=-1):
        """zoo_delete"""
        say("delete", path, zk.zoo_delete(self.handle, path, version))

    def acl(self, path):
        """zoo_get_acl"""
        acl, stat = AclVector(), Stat()
        rc = zk.zoo_get_acl(self.handle, path, c.byref(acl), c.byref(stat))
        say("acl", path, rc, acl if rc == 0 else "")

    def set_acl(self, path, acl, version=-1):
        """zoo_set_acl"""
        say("set acl", path, zk.zoo_set_acl(self.handle, path, version, c.byref(acl)))

    def auth(self, scheme, cert):
        """zoo_add_auth, and its completion"""
        rc = zk.zoo_add_auth(self.handle, scheme, cert, len(cert), on_done, None)
        say("auth", rc)
        expect_event()

    def multi(self, *ops):
        """zoo_multi of (kind, path, data, version)"""
        array = (c.c_char * (OP_BYTES * len(ops)))()
        results = (OpResult * len(ops))()
        stats, names = [Stat() for _ in ops], [c.create_string_buffer(200) for _ in ops]
        for i, (kind, path, data, version) in enumerate(ops):
            op = c.byref(array, i * OP_BYTES)
            if kind == "create":
                zk.zoo_create_op_init(
                    op, path, data, len(data), c.byref(OPEN), version, names[i], 200
                )
            elif kind == "set":
                zk.zoo_set_op_init(op, path, data, len(data), version, c.byref(stats[i]))
            elif kind == "delete":
                zk.zoo_delete_op_init(op, path, version)
            else:
                zk.zoo_check_op_init(op, path, version)
        rc = zk.zoo_multi(self.handle, len(ops), array, results)
        say("multi", rc, [results[i].err for i in range(len(ops))], [n.value for n in names])
        if rc == 0:
            say("  stats", *[s for s, op in zip(stats, ops) if op[0] == "set"])

    def remove_watches(self, path, kind):
        """zoo_remove_all_watches"""
        say("remove watches", path, zk.zoo_remove_all_watches(self.handle, path, kind, 0))

    def close(self):
        """Ends the session."""
        say("close", zk.zookeeper_close(self.handle))


def nodes(client):
    """Creates, sets, deletes, and their errors."""
    client.create(b"/c")
    client.create(b"/c")
    client.create(b"/c/null", None)
    client.create(b"/c/empty", b"")
    client.create(b"/c/e", b"e", EPHEMERAL)
    client.create(b"/c/e/child")
    client.create(b"/c/s-", b"s", SEQUENCE)
    client.create(b"/c/es-", b"s", SEQUENCE | EPHEMERAL)
    client.create(b"/c/container", b"s", CONTAINER)
    client.create_ttl(b"/c/ttl", 100_000)
    client.create_ttl(b"/c/ttl0", 0)
    client.create(b"/none/child")
    for path in (b"/c", b"/c/null", b"/c/empty", b"/c/e", b"/c/container", b"/c/ttl", b"/none"):
        client.get(path)
    client.children(b"/c")
    client.children(b"/none")
    client.set(b"/c", b"1")
    client.set(b"/c", b"2", 1)
    client.set(b"/c", b"3", 1)
    client.set(b"/none", b"")
    client.delete(b"/c")
    client.delete(b"/c/null", 3)
    client.delete(b"/c/null", 0)
    client.delete(b"/none")


def multis(client):
    """All or nothing."""
    client.multi(
        ("create", b"/c/m", b"1", 0),
        ("set", b"/c/m", b"2", 0),
        ("create", b"/c/m/s-", b"", SEQUENCE),
        ("check", b"/c/m", None, 1),
        ("delete", b"/c/empty", None, -1),
    )
    client.multi(
        ("set", b"/c/m", b"3", 1),
        ("check", b"/c/m", None, 9),
        ("delete", b"/c/m", None, -1),
    )
    client.get(b"/c/m")


def acls(client, other):
    """Who may do what."""
    digest = Acl(31, Id(b"digest", b"bob:ikIaKsbtGweaHnb/jKn7OHqbunM="))
    bob = AclVector(1, c.pointer(digest))
    bad = AclVector(1, c.pointer(Acl(31, Id(b"nobody", b"x"))))
    client.create(b"/c/bob", b"x", 0, bob)
    client.create(b"/c/bad", b"x", 0, bad)
    client.get(b"/c/bob")
    client.auth(b"digest", b"bob:pw")
    client.get(b"/c/bob")
    client.acl(b"/c/bob")
    other.get(b"/c/bob")
    other.acl(b"/c/bob")
    client.set_acl(b"/c/bob", OPEN, 7)
    client.set_acl(b"/c/bob", OPEN, 0)
    other.get(b"/c/bob")


def watches(client, other):
    """Watches of each kind, fired by oneself and by another."""
    client.get(b"/c", 1)
    client.exists(b"/c/later", 2)
    client.children(b"/c", 3)
    other.set(b"/c", b"new")
    expect_event()
    client.create(b"/c/later")
    for _ in range(2):
        expect_event()
    client.get(b"/c/later", 4)
    client.remove_watches(b"/c/later", 2)
    client.remove_watches(b"/c/later", 2)


def reconnection(client, other):
    """The session, its ephemerals and its watches survive a cut."""
    before = client.id()
    client.get(b"/c", 5)
    client.exists(b"/c/after-cut", 6)
    say("cut")
    # Both clients lose their connection and find it again, in any order.
    for line in sorted(events.get(timeout=WAIT_S) for _ in range(4)):
        say(line)
    after = client.id()
    say("same session", before.client_id == after.client_id)
    client.get(b"/c/e")
    other.create(b"/c/after-cut")
    expect_event()
    other.set(b"/c", b"after cut")
    expect_event()


def ends(client, other, address):
    """What is left of a session that was closed."""
    old = client.id()
    # The client does not wait for the answer to its close: what that does shows when it is done.
    other.exists(b"/c/e", 9)
    client.close()
    expect_event()
    other.exists(b"/c/e")
    other.children(b"/c")
    # Resuming a closed session is refused as expired.
    expired = Client(address, c.byref(old))
    expired.close()
    for path in (b"/c/m/s-0000000000", b"/c/m", b"/c/bob", b"/c/later", b"/c/after-cut"):
        other.delete(path)
    for path in (b"/c/s-0000000003", b"/c/container", b"/c/ttl", b"/c"):
        other.delete(path)
    other.close()


def main(address):
    """Everything, one after the other."""
    client, other = Client(address), Client(address)
    nodes(client)
    multis(client)
    acls(client, other)
    watches(client, other)
    reconnection(client, other)
    ends(client, other, address)


main(sys.argv[1])

"""Takes a lock of kazoo again and again, next to whoever else takes it.

Whoever holds it makes a file that must not exist; prints how often it did.
"""

import os
import sys

from kazoo.client import KazooClient

hosts, path, held, rounds, patterns = sys.argv[1:6]
client = KazooClient(hosts=hosts)
client.start()
lock = client.Lock(path, "kazoo", extra_lock_patterns=patterns.split())
overlaps = 0
for _ in range(int(rounds)):
    with lock:
        try:
            os.close(os.open(held, os.O_CREAT | os.O_EXCL))
            client.exists(path)
            os.unlink(held)
        except FileExistsError:
            overlaps += 1
client.stop()
print("overlaps", overlaps)

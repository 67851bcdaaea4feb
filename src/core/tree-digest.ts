import type { DataNode } from "./data-node.ts";
import { ALL, type Tables } from "./node-table.ts";
import { childPath } from "./path.ts";

/**
 * A fingerprint of everything that the log decides: znodes with all of their Stat, data and ACL,
 * and sessions. Equal trees have equal digests; members at the same zxid must agree [TR1].
 *
 * 64 bits of FNV-1a as 16 hex digits, over the tree in path order. It walks everything: for tests
 * and for an operator, not for every txn.
 */
export function digestOf(tables: Tables): string {
  const hash = new Fnv();
  const pending = ["/"];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const node = tables.get(path);
    if (node === undefined) continue;
    hash.text(path);
    addNode(hash, node);
    const names = tables.children(path, ALL);
    hash.number(names.length);
    for (const name of names.reverse()) pending.push(childPath(path, name));
  }
  for (const session of [...tables.sessions()].sort((a, b) => a.id - b.id)) {
    hash.number(session.id);
    hash.number(session.timeoutMs);
    hash.bytes(session.password);
    for (const path of tables.ephemeralsOf(session.id)) hash.text(path);
  }
  return hash.digest();
}

function addNode(hash: Fnv, node: DataNode): void {
  hash.number(node.data === null ? -1 : node.data.length);
  if (node.data !== null) hash.bytes(node.data);
  for (const { perms, id } of node.acl) hash.text(`${perms}:${id.scheme}:${id.id}`);
  for (const value of [
    node.kind,
    node.ephemeralOwner,
    node.ttlMs,
    node.czxid,
    node.mzxid,
    node.pzxid,
    node.ctime,
    node.mtime,
    node.version,
    node.createCounter,
    node.aversion,
    node.numChildren,
  ]) {
    hash.number(value);
  }
}

/** FNV-1a in two 32-bit lanes with different primes, which is enough to tell trees apart. */
class Fnv {
  #a = 0x811c9dc5;
  #b = 0x01234567;

  byte(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#b = Math.imul(this.#b ^ value, 0x010001ab) + 1;
  }

  bytes(values: Uint8Array): void {
    for (const value of values) this.byte(value);
  }

  text(value: string): void {
    for (let at = 0; at < value.length; at += 1) {
      const unit = value.charCodeAt(at);
      this.byte(unit & 0xff);
      this.byte(unit >> 8);
    }
    this.byte(0);
  }

  number(value: number): void {
    this.text(String(value));
  }

  digest(): string {
    const lane = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
    return lane(this.#a) + lane(this.#b);
  }
}

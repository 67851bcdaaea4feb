import type { ACL } from "../core/acl.ts";
import type { DataNode, NodeKind } from "../core/data-node.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** What a node is beside its data and its ACL. */
export type NodeStat = Omit<DataNode, "data" | "acl">;

/**
 * Writes everything of a node but its data and ACL, and the date at which it may be reaped:
 *
 *     kind, ephemeralOwner, ttlMs, czxid, mzxid, pzxid, ctime, mtime,
 *     version, createCounter, aversion, numChildren, dueMs + 1 or 0
 */
export function writeStat(writer: ByteWriter, node: NodeStat, dueMs: number | undefined): void {
  writer.byte(node.kind);
  writer.unsigned(node.ephemeralOwner);
  writer.unsigned(node.ttlMs);
  writer.unsigned(node.czxid);
  writer.unsigned(node.mzxid);
  writer.unsigned(node.pzxid);
  writer.unsigned(node.ctime);
  writer.unsigned(node.mtime);
  writer.signed(node.version);
  writer.signed(node.createCounter);
  writer.signed(node.aversion);
  writer.unsigned(node.numChildren);
  writer.unsigned(dueMs === undefined ? 0 : dueMs + 1);
}

/** Reads what {@link writeStat} wrote into a node with this data and ACL; its date is next. */
export function readNode(
  reader: ByteReader,
  data: Uint8Array | null,
  acl: readonly ACL[],
): DataNode {
  return {
    data,
    acl,
    kind: reader.byte() as NodeKind,
    ephemeralOwner: reader.unsigned(),
    ttlMs: reader.unsigned(),
    czxid: reader.unsigned(),
    mzxid: reader.unsigned(),
    pzxid: reader.unsigned(),
    ctime: reader.unsigned(),
    mtime: reader.unsigned(),
    version: reader.signed(),
    createCounter: reader.signed(),
    aversion: reader.signed(),
    numChildren: reader.unsigned(),
  };
}

/** Reads the date behind a node. */
export function readDueMs(reader: ByteReader): number | undefined {
  const due = reader.unsigned();
  return due === 0 ? undefined : due - 1;
}

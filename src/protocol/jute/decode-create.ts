import { CreateMode, findCreateMode, type CreateOp } from "../../core/create-mode.ts";
import type { MultiCreate } from "../../core/request.ts";
import { readACL } from "./acl.ts";
import type { InputArchive } from "./input-archive.ts";
import { readPath } from "./path.ts";

/** Reads a create by itself: its operation decides the kind, its flags are judged later. */
export function readCreate(body: InputArchive, op: CreateOp): MultiCreate {
  const path = readPath(body);
  const data = body.buffer();
  const acl = readACL(body);
  const flags = body.int();
  const ttlMs = op === "createTTL" ? body.long() : 0;
  return { op, path, data, acl, flags, ttlMs };
}

/**
 * Reads a create of a multi: there the flags decide the kind, whatever the operation [JU12].
 *
 * Only createTTL carries a TTL, so TTL flags on another operation are refused at that part.
 * Flags that are no mode make the whole multi unreadable, but for createTTL.
 *
 * Source: ZooKeeper 3.9 `MultiOperationRecord.deserialize`, `Op.Create.getOpcode`.
 */
export function readMultiCreate(body: InputArchive, asked: CreateOp): MultiCreate {
  const request = readCreate(body, asked);
  const mode = findCreateMode(request.flags);
  if (mode === undefined) {
    if (asked !== "createTTL") body.refuse(`expected create flags 0 to 6, saw ${request.flags}`);
    return { ...request, op: "create", ttlMs: 0 };
  }
  if (mode === CreateMode.CONTAINER) return { ...request, op: "createContainer", ttlMs: 0 };
  if (mode >= CreateMode.PERSISTENT_WITH_TTL) return { ...request, op: "createTTL" };
  return asked === "createTTL" ? { ...request, op: "create", ttlMs: 0 } : request;
}

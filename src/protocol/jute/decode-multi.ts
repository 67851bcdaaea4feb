import type { MultiOp, MultiReadRequest, MultiRequest } from "../../core/request.ts";
import { readMultiCreate } from "./decode-create.ts";
import type { InputArchive } from "./input-archive.ts";
import { OpCode } from "./op-code.ts";
import { readNullablePath, readPath } from "./path.ts";
import { readParts } from "./read-parts.ts";

const EXPECTED = "parts that a multi of this kind may have";

type MultiReadOp = MultiReadRequest["ops"][number];

/**
 * Reads a multi: parts behind a header each, up to a header that says done. A part that is no
 * write makes the whole of it unreadable [JU11].
 *
 * Source: ZooKeeper `MultiOperationRecord`.
 */
export function readMulti(body: InputArchive): MultiRequest {
  return { op: "multi", ops: readParts(body, readWritePart, EXPECTED) };
}

/** Reads a multiRead: as a multi, of getData and getChildren. Their watch flags count for nothing. */
export function readMultiRead(body: InputArchive): MultiReadRequest {
  return { op: "multiRead", ops: readParts(body, readReadPart, EXPECTED) };
}

function readWritePart(body: InputArchive, type: number): MultiOp | undefined {
  switch (type) {
    case OpCode.create:
      return readMultiCreate(body, "create");
    case OpCode.create2:
      return readMultiCreate(body, "create2");
    case OpCode.createContainer:
      return readMultiCreate(body, "createContainer");
    case OpCode.createTTL:
      return readMultiCreate(body, "createTTL");
    case OpCode.delete:
      return { op: "delete", path: readPath(body), version: body.int() };
    case OpCode.setData:
      return {
        op: "setData",
        path: readNullablePath(body),
        data: body.buffer(),
        version: body.int(),
      };
    case OpCode.check:
      return { op: "check", path: readNullablePath(body), version: body.int() };
    default:
      return undefined;
  }
}

function readReadPart(body: InputArchive, type: number): MultiReadOp | undefined {
  if (type !== OpCode.getData && type !== OpCode.getChildren) return undefined;
  const path = readPath(body);
  body.bool();
  return { op: type === OpCode.getData ? "getData" : "getChildren", path, watch: false };
}

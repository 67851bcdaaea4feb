import type { MultiOp, MultiReadRequest, MultiRequest } from "../../core/request.ts";
import { readMultiCreate } from "./decode-create.ts";
import type { InputArchive } from "./input-archive.ts";
import { OpCode } from "./op-code.ts";
import { readNullablePath, readPath } from "./path.ts";

type MultiReadOp = MultiReadRequest["ops"][number];

/**
 * Reads a multi: parts behind a header each, up to a header that says done. A part that is no
 * write makes the whole of it unreadable [JU11].
 *
 * Source: ZooKeeper `MultiOperationRecord`.
 */
export function readMulti(body: InputArchive): MultiRequest {
  return { op: "multi", ops: readParts(body, readWritePart) };
}

/** Reads a multiRead: as a multi, of getData and getChildren. Their watch flags count for nothing. */
export function readMultiRead(body: InputArchive): MultiReadRequest {
  return { op: "multiRead", ops: readParts(body, readReadPart) };
}

/** Takes at least 9 bytes a part, so the frame bounds their number. */
function readParts<T>(
  body: InputArchive,
  readPart: (body: InputArchive, type: number) => T | undefined,
): T[] {
  const parts: T[] = [];
  for (;;) {
    const type = body.int();
    const isDone = body.bool();
    body.int();
    if (isDone || body.isTruncated) return parts;
    const part = readPart(body, type);
    if (part === undefined) {
      body.refuse(`expected parts that a multi of this kind may have, saw operation ${type}`);
      return parts;
    }
    parts.push(part);
  }
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

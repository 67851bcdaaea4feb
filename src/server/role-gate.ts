import { findCreateMode, findNodeKind } from "../core/create-mode.ts";
import { NodeKind } from "../core/data-node.ts";
import { hasRole } from "../core/identity.ts";
import { Code, failure, type Failure } from "../core/keeper-error.ts";
import {
  type CreateRequest,
  isWrite,
  type MultiOp,
  type Request,
  type SetDataRequest,
} from "../core/request.ts";
import type { Connection } from "./connection.ts";

/**
 * Judges what a connection may ask at all, before any ACL and without a txn: roles first, then
 * what needs a session [SE13] [SE14].
 *
 * @returns NOAUTH, UNKNOWNSESSION or BADARGUMENTS; undefined if nothing stands against it.
 */
export function findRefusal(connection: Connection, request: Request): Failure | undefined {
  const { role, sessionRole } = connection;
  if (request.op === "reap") {
    return failure(Code.UNIMPLEMENTED, "reap is the server's own, a client can't ask for it");
  }
  if (isWrite(request) && !hasRole(role, "write")) {
    return failure(Code.NOAUTH, `${request.op} expected the role write, saw ${role}`, {
      expected: "write",
      seen: role,
    });
  }
  if (sessionRole === "managing" && request.op !== "ping" && request.op !== "closeSession") {
    return failure(
      Code.BADARGUMENTS,
      `an admin may keep or close a foreign session, saw ${request.op}`,
    );
  }
  if (sessionRole === "none" && needsSession(request)) {
    return failure(
      Code.UNKNOWNSESSION,
      `${request.op} expected a connection with a session, saw none`,
    );
  }
  return undefined;
}

function needsSession(request: Request): boolean {
  switch (request.op) {
    case "closeSession":
      return true;
    case "multi":
      return request.ops.some(makesEphemeral);
    case "setData":
      return makesEphemeral(request);
    case "create":
    case "create2":
      return makesEphemeral(request);
    default:
      return false;
  }
}

function makesEphemeral(op: MultiOp | CreateRequest | SetDataRequest): boolean {
  switch (op.op) {
    case "delete":
    case "check":
      return false;
    case "setData":
      return op.orCreate !== undefined && makesEphemeral(op.orCreate);
    default: {
      const mode = findCreateMode(op.flags);
      return mode !== undefined && findNodeKind(op.op, mode) === NodeKind.EPHEMERAL;
    }
  }
}

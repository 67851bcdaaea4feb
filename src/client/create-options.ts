import { type ACL, OPEN_ACL_UNSAFE } from "../core/acl.ts";
import { CreateMode, type CreateModeName, createOpOf } from "../core/create-mode.ts";
import type { MultiCreate } from "../core/request.ts";
import { bytesOf, type Data } from "./data.ts";

/** How a znode is made. */
export interface CreateOptions {
  /** `PERSISTENT` if absent, or what `ephemeral` and `sequential` say. */
  readonly mode?: CreateModeName;
  /** Goes with the session. */
  readonly ephemeral?: boolean;
  /** Gets a suffix of ten digits from its parent's counter. */
  readonly sequential?: boolean;
  /** Anybody may do anything if absent. */
  readonly acl?: readonly ACL[] | undefined;
  /** Goes when it has no children and was not changed for so long, milliseconds. */
  readonly ttlMs?: number;
}

/** Makes the request of a create. @throws RangeError for options that exclude each other. */
export function createRequest(path: string, data: Data, options: CreateOptions): MultiCreate {
  const mode = CreateMode[modeOf(options)];
  const { acl = OPEN_ACL_UNSAFE, ttlMs = 0 } = options;
  return { op: createOpOf(mode), path, data: bytesOf(data), acl, flags: mode, ttlMs };
}

function modeOf({
  mode,
  ephemeral = false,
  sequential = false,
  ttlMs,
}: CreateOptions): CreateModeName {
  if (mode !== undefined) {
    if (ephemeral || sequential) {
      throw new RangeError(`expected a mode, or ephemeral and sequential, saw both with ${mode}`);
    }
    return mode;
  }
  if (ttlMs !== undefined) {
    if (ephemeral) throw new RangeError("expected a TTL or an ephemeral, saw both");
    return sequential ? "PERSISTENT_SEQUENTIAL_WITH_TTL" : "PERSISTENT_WITH_TTL";
  }
  if (sequential) return ephemeral ? "EPHEMERAL_SEQUENTIAL" : "PERSISTENT_SEQUENTIAL";
  return ephemeral ? "EPHEMERAL" : "PERSISTENT";
}

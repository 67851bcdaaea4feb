import { OPEN_ACL_UNSAFE, type ACL } from "../../core/acl.ts";
import { CreateMode, createOpOf, TTL_MS_MAX } from "../../core/create-mode.ts";
import { isFailure } from "../../core/keeper-error.ts";
import type { CreateRequest } from "../../core/request.ts";
import { parseAcl } from "../../protocol/acl-text.ts";
import { badRequest, problemOf } from "../problem.ts";
import { flag, integer } from "../query.ts";

/** What of a URL says how a znode is created. */
export interface CreateFlags {
  readonly seq?: true | undefined;
  readonly ephemeral?: true | undefined;
  readonly container?: true | undefined;
  readonly ttl?: number | undefined;
  readonly parents?: true | undefined;
}

/** The schema of {@link CreateFlags}. */
export const CREATE_FLAGS = {
  seq: flag("append the parent's next sequence number, ten digits; the path may end in a slash"),
  ephemeral: flag("delete it when the session ends; needs the header `Session`"),
  container: flag("delete it once its last child is gone"),
  ttl: integer(
    [1, TTL_MS_MAX],
    "TTL_MS_MAX",
    "delete it when childless and unchanged for so many milliseconds",
  ),
  parents: flag("create missing ancestors too, persistent, in the same transaction"),
};

/**
 * Builds a create.
 *
 * @throws HttpProblem 400 for kinds that exclude each other and an ephemeral without a session,
 * 422 for an `Acl` header that can't be read.
 */
export function createRequestOf(
  request: Request,
  flags: CreateFlags,
  { path, data }: { readonly path: string; readonly data: Uint8Array },
): CreateRequest {
  const mode = modeOf(flags);
  if (flags.ephemeral === true && !request.headers.has("Session")) {
    throw badRequest("?ephemeral needs the header Session: the znode lives as long as its session");
  }
  return {
    op: createOpOf(mode),
    path,
    data,
    acl: aclOf(request),
    flags: mode,
    ttlMs: flags.ttl ?? 0,
    ...(flags.parents === true && { parents: true }),
  };
}

/** The ACL of the `Acl` header; without it everybody may do everything. */
function aclOf(request: Request): readonly ACL[] {
  const header = request.headers.get("Acl");
  if (header === null) return OPEN_ACL_UNSAFE;
  const acl = parseAcl(header);
  if (isFailure(acl)) throw problemOf(acl, 0);
  return acl;
}

/** ZooKeeper has no sequential container, and a znode is of one kind. */
function modeOf({ seq, ephemeral, container, ttl }: CreateFlags): CreateMode {
  const kinds = [
    ...(ephemeral === true ? ["ephemeral"] : []),
    ...(container === true ? ["container"] : []),
    ...(ttl === undefined ? [] : ["ttl"]),
  ];
  if (kinds.length > 1) throw badRequest(`query flags ${kinds.join(" and ")} exclude each other`);
  if (container === true && seq === true) {
    throw badRequest("query flags container and seq exclude each other");
  }
  const isSequential = seq === true;
  if (container === true) return CreateMode.CONTAINER;
  if (ephemeral === true) {
    return isSequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
  }
  if (ttl !== undefined) {
    return isSequential
      ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
      : CreateMode.PERSISTENT_WITH_TTL;
  }
  return isSequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
}

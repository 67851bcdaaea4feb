import type { ACL, Id } from "../../src/core/acl.ts";
import type {
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiResult,
  Reply,
  SetACLRequest,
  SetDataRequest,
  WriteRequest,
} from "../../src/core/request.ts";
import type { Stat } from "../../src/core/stat.ts";
import { checkQuota, countQuota, recountQuota } from "./model-quota.ts";
import {
  allows,
  checkVersion,
  E,
  fixAcl,
  isLegalPath,
  isPathLike,
  PERM,
  Refused,
  refuseIf,
  SPECIAL,
} from "./model-rules.ts";
import {
  ephemerals,
  find,
  type ModelKind,
  type ModelNode,
  type ModelState,
  newNode,
  parentPath,
  stat,
} from "./model-state.ts";

/** On whose behalf, and when. */
export interface ModelContext {
  readonly sessionId: number;
  readonly ids: readonly Id[];
  readonly nowMs: number;
}

/** What a txn did to one znode; the ACLs are those that decide who may hear of it. */
export interface ModelChange {
  readonly type: "NodeCreated" | "NodeDeleted" | "NodeDataChanged";
  readonly path: string;
  readonly zxid: number;
  readonly acl: readonly ACL[];
  readonly parentAcl: readonly ACL[];
}

/** What became of a request: always a new state, because errors use up a zxid too. */
export interface Executed {
  readonly state: ModelState;
  readonly changes: readonly ModelChange[];
  readonly reply?: Reply;
  readonly code?: number;
  readonly failedAt?: number | undefined;
}

interface Work extends ModelContext {
  readonly state: ModelState;
  readonly changes: ModelChange[];
}

/** Executes a write on a copy of the state. */
export function execute(
  before: ModelState,
  request: WriteRequest,
  context: ModelContext,
): Executed {
  const executed = executeOn(structuredClone(before), request, context);
  if (executed.code === undefined) return executed;
  return { ...executed, state: { ...structuredClone(before), zxid: before.zxid + 1 } };
}

/**
 * Executes a write on the state itself. A refused one leaves it as it was but for the zxid, unless
 * it is of several parts: those before the refused one are done, and a copy must take its place.
 */
export function executeOn(
  state: ModelState,
  request: WriteRequest,
  context: ModelContext,
): Executed {
  state.zxid += 1;
  const changes: ModelChange[] = [];
  try {
    return { reply: run({ ...context, state, changes }, request), state, changes };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { state, changes: [], code: error.code, failedAt: error.failedAt };
  }
}

/** Opens a session, which uses a zxid. */
export function openSession(before: ModelState, id: number, timeoutMs: number): ModelState {
  const state = structuredClone(before);
  state.zxid += 1;
  state.sessions.set(id, timeoutMs);
  return state;
}

function run(work: Work, request: WriteRequest): Reply {
  switch (request.op) {
    case "delete":
      remove(work, request);
      return { op: "delete", path: request.path };
    case "deleteRecursive":
      for (const path of subtree(work, request.path)) {
        const isTop = path === request.path;
        const { czxid, version } = request;
        const expected = isTop && czxid !== undefined ? { czxid } : {};
        remove(work, { op: "delete", path, version: isTop ? version : -1, ...expected });
      }
      return { op: "delete", path: request.path };
    case "setData":
      return setDataOrCreate(work, request);
    case "setACL":
      return setAcl(work, request);
    case "multi":
      return { op: "multi", results: request.ops.map((op, at) => runPart(work, op, at)) };
    case "closeSession":
      for (const path of ephemerals(work.state, work.sessionId)) unlink(work, path);
      work.state.sessions.delete(work.sessionId);
      return { op: "closeSession" };
    case "reap":
      reap(work, request.path);
      return { op: "delete", path: request.path };
    case "reconfig":
      throw new Refused(E.RECONFIGDISABLED);
    default:
      return createWithParents(work, request);
  }
}

function runPart(work: Work, op: MultiOp, at: number): MultiResult {
  try {
    switch (op.op) {
      case "delete":
        remove(work, op);
        return { op: "delete", path: op.path };
      case "check":
        check(work, op.path, op.version);
        return { op: "check", path: op.path };
      case "setData": {
        const node = setData(work, op);
        return { op: "setData", path: op.path, stat: stat(node) };
      }
      default: {
        return { op: "create", ...create(work, op) };
      }
    }
  } catch (error) {
    if (error instanceof Refused) throw new Refused(error.code, at);
    throw error;
  }
}

function get(work: Work, path: string): ModelNode {
  const node = find(work.state, path);
  if (node === undefined) throw new Refused(E.NONODE);
  return node;
}

function may(work: Work, node: ModelNode, perm: number): void {
  refuseIf(!allows(node.acl, perm, work.ids), E.NOAUTH);
}

function kindOf({ op, flags, ttlMs }: CreateRequest): ModelKind {
  refuseIf(![0, 1, 2, 3, 4, 5, 6].includes(flags), E.BADARGUMENTS);
  const isTtlMode = flags === 5 || flags === 6;
  if (op === "createTTL") {
    refuseIf(!isTtlMode, E.BADARGUMENTS);
    refuseIf(!(ttlMs >= 1 && ttlMs <= 1_099_511_627_775), E.BADARGUMENTS);
    return "ttl";
  }
  // Without a TTL on the wire it is −1, which no TTL mode accepts: containers included.
  refuseIf(isTtlMode, E.BADARGUMENTS);
  if (op === "createContainer") return "container";
  return flags === 1 || flags === 3 ? "ephemeral" : "persistent";
}

/** The Stat of a reply is the one before quotas are counted, which may write the znode itself. */
function create(work: Work, request: CreateRequest): { path: string; stat: Stat } {
  const kind = kindOf(request);
  refuseIf(kind === "ephemeral" && work.sessionId === 0, E.BADARGUMENTS);
  refuseIf(!isPathLike(request.path), E.BADARGUMENTS);
  const acl = fixAcl(request.acl, work.ids);
  const parent = get(work, parentPath(request.path));
  may(work, parent, PERM.CREATE);
  const isSequential = [2, 3, 6].includes(request.flags);
  const suffix = isSequential ? String(parent.creates).padStart(10, "0") : "";
  const path = request.path + suffix;
  refuseIf(!isLegalPath(path), E.BADARGUMENTS);
  refuseIf(find(work.state, path) !== undefined, E.NODEEXISTS);
  refuseIf(parent.kind === "ephemeral", E.NOCHILDRENFOREPHEMERALS);
  const bytes = request.data?.length ?? 0;
  checkQuota(work.state, path, { count: 1, bytes });
  const { zxid } = work.state;
  const { nowMs } = work;
  const node = newNode({
    data: request.data,
    acl,
    kind,
    owner: kind === "ephemeral" ? work.sessionId : 0,
    ttlMs: kind === "ttl" ? request.ttlMs : 0,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: nowMs,
    mtime: nowMs,
  });
  parent.children.set(path.slice(path.lastIndexOf("/") + 1), node);
  parent.creates += 1;
  parent.cversion += 1;
  parent.pzxid = zxid;
  parent.childlessSinceMs = undefined;
  work.changes.push({ type: "NodeCreated", path, zxid, acl, parentAcl: parent.acl });
  const created = { path, stat: stat(node) };
  recountQuota(work.state, path);
  countQuota(work.state, path, { count: 1, bytes });
  return created;
}

/** Ours: missing ancestors first. */
function createWithParents(work: Work, request: CreateRequest): Reply {
  if (request.parents === true) {
    const isSequential = [2, 3, 6].includes(request.flags);
    refuseIf(!isLegalPath(isSequential ? `${request.path}1` : request.path), E.BADARGUMENTS);
    const missing: string[] = [];
    for (let at = parentPath(request.path); find(work.state, at) === undefined;) {
      missing.unshift(at);
      at = parentPath(at);
    }
    for (const path of missing) {
      const { acl } = request;
      create(work, { op: "create", path, data: new Uint8Array(0), acl, flags: 0, ttlMs: 0 });
    }
  }
  return { op: "create", ...create(work, request) };
}

function remove(work: Work, { path, version, czxid }: DeleteRequest): void {
  refuseIf(!isPathLike(path) || SPECIAL.includes(path), E.BADARGUMENTS);
  may(work, get(work, parentPath(path)), PERM.DELETE);
  const node = get(work, path);
  refuseIf(czxid !== undefined && czxid !== node.czxid, E.BADVERSION);
  checkVersion(node.version, version);
  refuseIf(node.children.size > 0, E.NOTEMPTY);
  unlink(work, path);
}

function unlink(work: Work, path: string): void {
  const parent = get(work, parentPath(path));
  const node = get(work, path);
  const { zxid } = work.state;
  parent.children.delete(path.slice(path.lastIndexOf("/") + 1));
  parent.cversion += 1;
  parent.pzxid = zxid;
  if (parent.children.size === 0) parent.childlessSinceMs = work.nowMs;
  const { acl } = node;
  work.changes.push({ type: "NodeDeleted", path, zxid, acl, parentAcl: parent.acl });
  countQuota(work.state, path, { count: -1, bytes: -(node.data?.length ?? 0) });
}

/** Children before their parent, names in order. */
function subtree(work: Work, path: string): string[] {
  const names = [...(find(work.state, path)?.children.keys() ?? [])].sort();
  const below = names.flatMap((name) =>
    subtree(work, path === "/" ? `/${name}` : `${path}/${name}`),
  );
  return [...below, path];
}

function setData(work: Work, { path, data, version, czxid }: SetDataRequest): ModelNode {
  refuseIf(!isLegalPath(path), E.BADARGUMENTS);
  const node = get(work, path);
  may(work, node, PERM.WRITE);
  const bytes = (data?.length ?? 0) - (node.data?.length ?? 0);
  checkQuota(work.state, path, { count: 0, bytes });
  refuseIf(czxid !== undefined && czxid !== node.czxid, E.BADVERSION);
  checkVersion(node.version, version);
  const { zxid } = work.state;
  Object.assign(node, { data, version: node.version + 1, mzxid: zxid, mtime: work.nowMs });
  work.changes.push({ type: "NodeDataChanged", path, zxid, acl: node.acl, parentAcl: [] });
  countQuota(work.state, path, { count: 0, bytes });
  return node;
}

/** Ours: a missing znode is created if the request says how. */
function setDataOrCreate(work: Work, request: SetDataRequest): Reply {
  const { path, orCreate, version, czxid } = request;
  const expectsNothing = version === -1 && czxid === undefined;
  try {
    return { op: "setData", path, stat: stat(setData(work, request)), created: false };
  } catch (error) {
    const isMissing = error instanceof Refused && error.code === E.NONODE;
    if (!isMissing || orCreate === undefined || !expectsNothing) throw error;
    const reply = createWithParents(work, orCreate);
    if (reply.op !== "create") throw error;
    return { op: "setData", path: reply.path, stat: reply.stat, created: true };
  }
}

function setAcl(work: Work, { path, acl, version }: SetACLRequest): Reply {
  refuseIf(!isLegalPath(path), E.BADARGUMENTS);
  const fixed = fixAcl(acl, work.ids);
  const node = get(work, path);
  may(work, node, PERM.ADMIN);
  checkVersion(node.aversion, version);
  node.acl = fixed;
  node.aversion += 1;
  return { op: "setACL", path, stat: stat(node) };
}

function check(work: Work, path: string, version: number): void {
  refuseIf(!isLegalPath(path), E.BADARGUMENTS);
  const node = get(work, path);
  may(work, node, PERM.READ);
  checkVersion(node.version, version);
}

/** The server's own delete of a container or TTL znode; no rights are asked. */
function reap(work: Work, path: string): void {
  const node = get(work, path);
  refuseIf(node.children.size > 0, E.NOTEMPTY);
  const isContainer = node.kind === "container" && node.creates > 0;
  const isExpired = node.kind === "ttl" && work.nowMs - node.mtime > node.ttlMs;
  refuseIf(!isContainer && !isExpired, E.BADVERSION);
  unlink(work, path);
}

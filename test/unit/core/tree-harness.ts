import { OPEN_ACL_UNSAFE, type Id } from "../../../src/core/acl.ts";
import { CreateMode, createOpOf } from "../../../src/core/create-mode.ts";
import { DataTree } from "../../../src/core/data-tree.ts";
import { statOf, type DataNode } from "../../../src/core/data-node.ts";
import { Code, isFailure, type Failure, type Outcome } from "../../../src/core/keeper-error.ts";
import { LIMITS, type Limits } from "../../../src/core/limits.ts";
import { Prep, type Prepared } from "../../../src/core/prep.ts";
import { read, type TreeReadRequest } from "../../../src/core/read.ts";
import { replyOf } from "../../../src/core/reply.ts";
import type {
  CreateRequest,
  MultiCreate,
  Reply,
  TreeWriteRequest,
} from "../../../src/core/request.ts";
import type { Stat } from "../../../src/core/stat.ts";
import { changesOf, type Change } from "../../../src/core/watched-event.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";

/** Who asks in a test. */
export interface Caller {
  readonly sessionId?: number;
  readonly ids?: readonly Id[];
}

/** A tree with its prep and a clock, where every write is applied at once unless told otherwise. */
export class TreeHarness {
  readonly tables = new MemoryTables();
  readonly tree = new DataTree(this.tables);
  readonly limits: Limits;
  readonly prep: Prep;
  /** Changes of all txns applied, in order. */
  readonly changes: Change[] = [];
  nowMs = 1_000_000;

  constructor(
    options: { readonly limits?: Partial<Limits>; readonly enforceQuota?: boolean } = {},
  ) {
    this.limits = { ...LIMITS, ...options.limits };
    const enforceQuota = options.enforceQuota ?? true;
    this.prep = new Prep(this.tables, { lastZxid: 0, limits: this.limits, enforceQuota });
  }

  /** Prepares and does not apply. */
  prepare(request: TreeWriteRequest, { sessionId = 0, ids = [] }: Caller = {}): Prepared {
    return this.prep.prepare(request, { sessionId, ids, cxid: 0, nowMs: this.nowMs });
  }

  /** Applies what was prepared. */
  apply(request: TreeWriteRequest, prepared: Prepared): Outcome<Reply> {
    const result = this.tree.apply(prepared.logged);
    this.prep.applied(prepared.logged.header.zxid);
    this.changes.push(...changesOf(prepared.logged));
    return prepared.failure ?? replyOf(request, result);
  }

  write(request: TreeWriteRequest, caller: Caller = {}): Outcome<Reply> {
    return this.apply(request, this.prepare(request, caller));
  }

  read(request: TreeReadRequest, { sessionId = 0, ids = [] }: Caller = {}): Outcome<Reply> {
    return read({ tables: this.tables, ids, sessionId, limits: this.limits }, request);
  }

  openSession(id: number): void {
    const session = { id, password: new Uint8Array(16), timeoutMs: 10_000, member: 0 };
    this.tree.apply(this.prep.createSession(session, this.nowMs).logged);
  }

  /** Creates and returns the path; the test fails where the server refuses. */
  create(path: string, own: Partial<CreateRequest> = {}, caller: Caller = {}): string {
    const reply = okay(this.write(create(path, own), caller));
    if (!("path" in reply)) throw new Error(`create answered ${reply.op}`);
    return reply.path;
  }

  node(path: string): DataNode {
    const node = this.tables.get(path);
    if (node === undefined) throw new Error(`no znode at ${path}`);
    return node;
  }

  stat(path: string): Stat {
    return statOf(this.node(path));
  }

  /** Puts a node into a state that no client could bring about in the time of a test. */
  alter(path: string, own: Partial<DataNode>): void {
    this.tables.put(path, { ...this.node(path), ...own });
  }
}

/** A create of an open persistent znode; `flags` choose the operation. */
export function create(path: string, own?: Partial<MultiCreate>): MultiCreate;
export function create(path: string, own: Partial<CreateRequest>): CreateRequest;
export function create(path: string, own: Partial<CreateRequest> = {}): CreateRequest {
  const flags = own.flags ?? CreateMode.PERSISTENT;
  const op = createOpOf(flags as CreateMode);
  const data = bytes("");
  return { op, path, data, acl: OPEN_ACL_UNSAFE, flags, ttlMs: 0, ...own };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The name of the code of a failure, or `OK`. */
export function codeOf(outcome: Outcome<unknown>): string {
  const code = isFailure(outcome) ? outcome.code : Code.OK;
  return Object.entries(Code).find(([, value]) => value === code)?.[0] ?? String(code);
}

export function okay<T>(outcome: Outcome<T>): T {
  if (isFailure(outcome)) throw new Error(`${codeOf(outcome)}: ${outcome.message}`);
  return outcome;
}

export function refused(outcome: Outcome<unknown>): Failure {
  if (!isFailure(outcome)) throw new Error("expected a failure");
  return outcome;
}

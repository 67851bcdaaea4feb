import {
  CreateMode,
  type CreateModeName,
  createOpOf,
  isSequential,
} from "../../core/create-mode.ts";
import type { Outcome } from "../../core/keeper-error.ts";
import type { Limits } from "../../core/limits.ts";
import type {
  AddWatchRequest,
  AuthRequest,
  ChildPage,
  CreateRequest,
  DeleteRecursiveRequest,
  DeleteRequest,
  GetChildrenRequest,
  GetDataRequest,
  MultiCreate,
  MultiOp,
  MultiReadRequest,
  MultiSetData,
  RemoveWatchesRequest,
  Request,
  SetDataRequest,
  SetWatchesRequest,
} from "../../core/request.ts";
import { FieldReader } from "./fields.ts";
import type { JsonObject } from "./json-value.ts";

/** Modes of `addWatch`. Source: ZooKeeper `AddWatchMode`. */
const AddWatchMode = { PERSISTENT: 0, PERSISTENT_RECURSIVE: 1 } as const;

/** Types of `removeWatches`. Source: ZooKeeper `Watcher.WatcherType`. */
const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;

/** What `create` writes when `data` is absent, as zkCli does. */
const EMPTY = new Uint8Array(0);

type Decoder = (fields: FieldReader) => Request;

const DECODERS: ReadonlyMap<unknown, Decoder> = new Map<unknown, Decoder>([
  ["create", decodeCreate],
  ["delete", decodeDelete],
  ["setData", decodeSetData],
  ["getData", (fields) => decodeGetData(fields, "getData")],
  ["exists", (fields) => decodeGetData(fields, "exists")],
  ["getChildren", decodeGetChildren],
  ["getACL", (fields) => ({ op: "getACL", path: fields.text("path") })],
  ["setACL", decodeSetACL],
  ["multi", (fields) => ({ op: "multi", ops: fields.parts("ops", decodeMultiPart) })],
  ["multiRead", decodeMultiRead],
  ["getEphemerals", decodeGetEphemerals],
  ["getAllChildrenNumber", (fields) => ({ op: "getAllChildrenNumber", path: fields.text("path") })],
  ["sync", (fields) => ({ op: "sync", path: fields.text("path") })],
  ["whoAmI", () => ({ op: "whoAmI" })],
  ["auth", decodeAuth],
  ["addWatch", decodeAddWatch],
  ["removeWatches", (fields) => decodeRemoveWatches(fields, "removeWatches")],
  ["checkWatches", (fields) => decodeRemoveWatches(fields, "checkWatches")],
  ["setWatches", decodeSetWatches],
  ["closeSession", () => ({ op: "closeSession" })],
  ["ping", () => ({ op: "ping" })],
]);

type PartDecoder<T> = (fields: FieldReader) => T;

const MULTI_DECODERS: ReadonlyMap<unknown, PartDecoder<MultiOp>> = new Map<
  unknown,
  PartDecoder<MultiOp>
>([
  ["create", decodeCreateOne],
  ["delete", decodeDeleteOne],
  ["setData", decodeSetDataOne],
  ["check", (part) => ({ op: "check", path: part.text("path"), version: part.version() })],
]);

type ReadPart = MultiReadRequest["ops"][number];

const MULTI_READ_DECODERS: ReadonlyMap<unknown, PartDecoder<ReadPart>> = new Map<
  unknown,
  PartDecoder<ReadPart>
>([
  ["getData", (part) => ({ op: "getData", path: part.text("path"), watch: false })],
  ["getChildren", (part) => withPage(part, { watch: false })],
]);

/** Tells whether requests of this `op` exist; `connect` is none. */
export function isJsonOp(op: unknown): op is string {
  return DECODERS.has(op);
}

/** Decodes the fields of an operation; the caller ends the reader. */
export function decodeOp(op: unknown, fields: FieldReader): Request | undefined {
  const decoder = DECODERS.get(op);
  if (decoder !== undefined) return decoder(fields);
  fields.refuseOp(op, ["connect", ...DECODERS.keys()].map(String));
  return undefined;
}

/**
 * Decodes `{"ops":[…]}`, the body of a multi without anything else, for `POST /multi`.
 *
 * @returns the parts, or a failure whose `failedAt` is the position of the bad one.
 */
export function decodeMultiBody(
  body: JsonObject,
  limits: Limits,
): Outcome<{ readonly ops: readonly MultiOp[] }> {
  const fields = new FieldReader(body, { op: "multi" }, limits);
  const ops = fields.parts("ops", decodeMultiPart);
  return fields.end() ?? { ops };
}

function decodeCreate(fields: FieldReader): CreateRequest {
  return withParents(fields, decodeCreateOne(fields));
}

/** A create as a part of a multi, where ancestors are parts of their own. */
function decodeCreateOne(fields: FieldReader): MultiCreate {
  const data = fields.bytes("data");
  return readCreate(fields, fields.text("path"), data === undefined ? EMPTY : data);
}

function withParents(fields: FieldReader, request: CreateRequest): CreateRequest {
  return fields.flag("parents") ? { ...request, parents: true } : request;
}

/** The fields that only a create has; `setData` with `upsert` has them too. */
function readCreate(fields: FieldReader, path: string, data: Uint8Array | null): MultiCreate {
  const mode = fields.choice<CreateMode>("mode", CreateMode) ?? CreateMode.PERSISTENT;
  const op = createOpOf(mode);
  const ttlMs = fields.integer("ttl", 0, Number.MAX_SAFE_INTEGER);
  if ((ttlMs !== undefined) !== (op === "createTTL")) {
    const expected = ttlMs === undefined ? "milliseconds" : `no ttl with mode ${nameOf(mode)}`;
    fields.refuse("ttl", expected, ttlMs ?? "nothing");
  }
  const acl = fields.acl();
  return { op, path, data, acl, flags: mode, ttlMs: ttlMs ?? 0 };
}

function nameOf(mode: CreateMode): string {
  const names = Object.keys(CreateMode) as CreateModeName[];
  return names.find((name) => CreateMode[name] === mode) ?? String(mode);
}

function decodeDelete(fields: FieldReader): DeleteRequest | DeleteRecursiveRequest {
  const request = decodeDeleteOne(fields);
  return fields.flag("recursive") ? { ...request, op: "deleteRecursive" } : request;
}

function decodeDeleteOne(fields: FieldReader): DeleteRequest {
  const path = fields.text("path");
  const version = fields.version();
  const czxid = fields.zxid("czxid");
  return czxid === undefined
    ? { op: "delete", path, version }
    : { op: "delete", path, version, czxid };
}

function decodeSetData(fields: FieldReader): SetDataRequest {
  const request = decodeSetDataOne(fields);
  if (!fields.flag("upsert")) return request;
  const orCreate = withParents(fields, readCreate(fields, request.path, request.data));
  if (isSequential(orCreate.flags as CreateMode)) {
    const expected = "a mode without sequence, as the path to set is known";
    fields.refuse("mode", expected, "a sequential one");
  }
  return { ...request, orCreate };
}

/** A setData as a part of a multi, where a create is a part of its own. */
function decodeSetDataOne(fields: FieldReader): MultiSetData {
  const path = fields.text("path");
  const data = fields.requiredBytes("data");
  const version = fields.version();
  const czxid = fields.zxid("czxid");
  return czxid === undefined
    ? { op: "setData", path, data, version }
    : { op: "setData", path, data, version, czxid };
}

function decodeSetACL(fields: FieldReader): Request {
  const path = fields.text("path");
  return { op: "setACL", path, acl: fields.requiredAcl(), version: fields.version() };
}

function decodeGetData(fields: FieldReader, op: GetDataRequest["op"]): GetDataRequest {
  return { op, path: fields.text("path"), watch: fields.flag("watch") };
}

function decodeGetChildren(fields: FieldReader): GetChildrenRequest {
  return withPage(fields, { watch: fields.flag("watch") });
}

function withPage(fields: FieldReader, { watch }: { readonly watch: boolean }): GetChildrenRequest {
  const request = { op: "getChildren2", path: fields.text("path"), watch } as const;
  const page = readPage(fields);
  return page === undefined ? request : { ...request, page };
}

/** A page, if any of its fields is there; without one every child is answered. */
function readPage(fields: FieldReader): ChildPage | undefined {
  const max = fields.limits.CHILDREN_PAGE_MAX;
  const limit = fields.optionalNumber("limit");
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= max)) {
    fields.refuse("limit", `a whole number from 1 to ${max} (CHILDREN_PAGE_MAX)`, limit);
  }
  const after = fields.optionalText("after");
  const stat = fields.flag("stat");
  const data = fields.flag("data");
  if (limit === undefined && after === undefined && !stat && !data) return undefined;
  return { after: after ?? "", limit: limit ?? max, stat, data };
}

function decodeMultiPart(part: FieldReader, op: unknown): MultiOp | undefined {
  return decodePart(MULTI_DECODERS, part, op);
}

function decodeMultiRead(fields: FieldReader): MultiReadRequest {
  const ops = fields.parts("ops", (part, op) => decodePart(MULTI_READ_DECODERS, part, op));
  return { op: "multiRead", ops };
}

function decodePart<T>(
  decoders: ReadonlyMap<unknown, PartDecoder<T>>,
  part: FieldReader,
  op: unknown,
): T | undefined {
  const decoder = decoders.get(op);
  if (decoder !== undefined) return decoder(part);
  part.refuseOp(op, [...decoders.keys()].map(String));
  return undefined;
}

function decodeGetEphemerals(fields: FieldReader): Request {
  return { op: "getEphemerals", prefixPath: fields.optionalText("prefixPath") ?? "/" };
}

function decodeAuth(fields: FieldReader): AuthRequest {
  const scheme = fields.text("scheme");
  return { op: "auth", scheme, auth: fields.requiredBytes("auth") ?? EMPTY };
}

function decodeAddWatch(fields: FieldReader): AddWatchRequest {
  const path = fields.text("path");
  const mode = fields.requiredChoice<number>("mode", AddWatchMode) ?? AddWatchMode.PERSISTENT;
  const since = fields.zxid("since");
  return since === undefined
    ? { op: "addWatch", path, mode }
    : { op: "addWatch", path, mode, since };
}

function decodeRemoveWatches(
  fields: FieldReader,
  op: RemoveWatchesRequest["op"],
): RemoveWatchesRequest {
  const path = fields.text("path");
  return { op, path, type: fields.requiredChoice<number>("type", WatcherType) ?? WatcherType.Any };
}

function decodeSetWatches(fields: FieldReader): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid: fields.requiredZxid("relativeZxid"),
    dataWatches: fields.texts("dataWatches"),
    existWatches: fields.texts("existWatches"),
    childWatches: fields.texts("childWatches"),
    persistentWatches: fields.texts("persistentWatches"),
    persistentRecursiveWatches: fields.texts("persistentRecursiveWatches"),
  };
}

import { Reader } from "../wire.ts";
import type { Operation } from "./operation.ts";

/** A decoded value: what JSON can print, with zxids and times marked by their own types. */
export type Value =
  | string
  | number
  | boolean
  | null
  | { readonly zxid: bigint }
  | { readonly session: bigint }
  | readonly Value[]
  | { readonly [name: string]: Value };

/** What a connection received, in the order it came. */
export type Item =
  | {
      readonly kind: "reply";
      readonly request: Operation;
      readonly xid: number;
      readonly zxid: bigint;
      readonly err: number;
      readonly body: Value;
    }
  | {
      readonly kind: "event";
      readonly zxid: bigint;
      readonly err: number;
      readonly type: number;
      readonly state: number;
      readonly path: string | null;
    }
  | { readonly kind: "connected"; readonly reply: Value }
  | { readonly kind: "closed" | "silent" | "refused" }
  | { readonly kind: "unexpected"; readonly xid: number; readonly rest: string };

/** The body of the reply to `request`; bytes that nobody expects are kept as hex. */
export function decodeReplyBody(request: Operation, payload: Reader): Value {
  let value: Value;
  try {
    value = readBody(request, payload);
  } catch (error) {
    return `undecodable: ${String(error)}`;
  }
  const rest = payload.rest();
  return rest.length === 0 ? value : { value, trailing: rest.toString("hex") };
}

function readBody({ op }: Operation, reader: Reader): Value {
  return BODIES[op]?.(reader) ?? null;
}

const readPath = (reader: Reader): Value => reader.string();
const readPathAndStat = (reader: Reader): Value => ({
  path: reader.string(),
  stat: readStat(reader),
});
const readDataAndStat = (reader: Reader): Value => ({
  data: readData(reader),
  stat: readStat(reader),
});
const readNames = (reader: Reader): Value => sorted(reader.list(() => reader.string()));

/** Requests that are missing here are answered by a header alone. */
const BODIES: Readonly<Partial<Record<Operation["op"], (reader: Reader) => Value>>> = {
  create: readPath,
  create2: readPathAndStat,
  createContainer: readPathAndStat,
  createTTL: readPathAndStat,
  sync: readPath,
  exists: readStat,
  setData: readStat,
  setACL: readStat,
  getData: readDataAndStat,
  reconfig: readDataAndStat,
  getACL: (reader) => ({ acl: reader.list(() => readAclEntry(reader)), stat: readStat(reader) }),
  getChildren: readNames,
  getEphemerals: readNames,
  getChildren2: (reader) => ({ children: readNames(reader), stat: readStat(reader) }),
  getAllChildrenNumber: (reader) => reader.int(),
  addWatch: (reader) => reader.int(),
  whoAmI: (reader) => sorted(reader.list(() => `${reader.string()}:${reader.string()}`)),
  multi: readMulti,
  multiRead: readMulti,
  sasl: readData,
};

/** Lists whose order ZooKeeper leaves open: it comes from a hash table. */
function sorted(values: (string | null)[] | null): Value {
  return values === null ? null : values.toSorted((a, b) => (`${a}` < `${b}` ? -1 : 1));
}

function readData(reader: Reader): Value {
  const bytes = reader.bytes();
  if (bytes === null) return null;
  return bytes.length > 200 ? `${bytes.length} bytes` : bytes.toString("latin1");
}

function readAclEntry(reader: Reader): Value {
  return { perms: reader.int(), scheme: reader.string(), id: reader.string() };
}

function readStat(reader: Reader): Value {
  const czxid = reader.long();
  const mzxid = reader.long();
  const ctime = reader.long();
  const mtime = reader.long();
  const stat: Value = {
    czxid: { zxid: czxid },
    mzxid: { zxid: mzxid },
    times: times({ isUnchanged: czxid === mzxid, ctime, mtime }),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: { session: reader.long() },
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: { zxid: reader.long() },
  };
  return stat;
}

interface Times {
  readonly isUnchanged: boolean;
  readonly ctime: bigint;
  readonly mtime: bigint;
}

const DAY_MS = 86_400_000n;

/** Times can't be compared between servers; that they are plausible and consistent can. */
function times({ isUnchanged, ctime, mtime }: Times): string {
  if (ctime === 0n && mtime === 0n) return "zero";
  const age = BigInt(Date.now()) - mtime;
  if (age < -DAY_MS || age > DAY_MS) return `mtime is ${age} ms ago`;
  if (isUnchanged) return ctime === mtime ? "good" : "ctime differs from mtime";
  return mtime >= ctime ? "good" : "mtime before ctime";
}

function readMulti(reader: Reader): Value {
  const results: Value[] = [];
  for (;;) {
    const type = reader.int();
    const isDone = reader.bool();
    const err = reader.int();
    if (isDone) return [...results, `end ${type} ${err}`];
    results.push({ type, err, result: readMultiResult(type, reader) });
  }
}

function readMultiResult(type: number, reader: Reader): Value {
  switch (type) {
    case -1:
      return reader.int();
    case 1:
      return reader.string();
    case 15:
      return { path: reader.string(), stat: readStat(reader) };
    case 4:
      return { data: readData(reader), stat: readStat(reader) };
    case 8:
      return sorted(reader.list(() => reader.string()));
    case 5:
      return readStat(reader);
    case 2:
    case 13:
      return null;
    default:
      throw new RangeError(`a result of type ${type}`);
  }
}

import type { ACL } from "../../src/core/acl.ts";
import type { Stat } from "../../src/core/stat.ts";

export type ModelKind = "persistent" | "ephemeral" | "container" | "ttl";

export interface ModelNode {
  data: Uint8Array | null;
  acl: readonly ACL[];
  kind: ModelKind;
  owner: number;
  ttlMs: number;
  czxid: number;
  mzxid: number;
  pzxid: number;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  /** Creates of children: the next sequence number. */
  creates: number;
  /** When the last child was deleted that left none; undefined while there is one, or never was. */
  childlessSinceMs: number | undefined;
  children: Map<string, ModelNode>;
}

/** Everything there is after some zxid. */
export interface ModelState {
  zxid: number;
  root: ModelNode;
  /** Ids and timeouts. */
  sessions: Map<number, number>;
}

const ANYBODY = { scheme: "world", id: "anyone" };
export const OPEN: readonly ACL[] = [{ perms: 31, id: ANYBODY }];

export function newNode(own: Partial<ModelNode>): ModelNode {
  return {
    data: new Uint8Array(0),
    acl: OPEN,
    kind: "persistent",
    owner: 0,
    ttlMs: 0,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    creates: 0,
    childlessSinceMs: undefined,
    children: new Map(),
    ...own,
  };
}

/** A fresh server, with the odd Stats that a real one shows. */
export function freshState(): ModelState {
  const config = newNode({ acl: [{ perms: 1, id: ANYBODY }], aversion: -1 });
  const zookeeper = newNode({
    cversion: -2,
    children: new Map([
      ["config", config],
      ["quota", newNode({})],
    ]),
  });
  const root = newNode({ cversion: -1, children: new Map([["zookeeper", zookeeper]]) });
  return { zxid: 0, root, sessions: new Map() };
}

/** Finds a node by the exact string; a malformed path names nothing. */
export function find(state: ModelState, path: string): ModelNode | undefined {
  if (path === "/") return state.root;
  if (!path.startsWith("/")) return undefined;
  let node: ModelNode | undefined = state.root;
  for (const name of path.slice(1).split("/")) node = node?.children.get(name);
  return node;
}

/** Every path with its node, parents first. */
export function* walk(
  state: ModelState,
  path = "/",
): Generator<readonly [path: string, node: ModelNode]> {
  const node = find(state, path);
  if (node === undefined) return;
  yield [path, node];
  for (const name of [...node.children.keys()].sort()) {
    yield* walk(state, path === "/" ? `/${name}` : `${path}/${name}`);
  }
}

export function stat(node: ModelNode): Stat {
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: node.cversion,
    aversion: node.aversion,
    ephemeralOwner: node.owner,
    dataLength: node.data?.length ?? 0,
    numChildren: node.children.size,
    pzxid: node.pzxid,
  };
}

/** Paths of a session's ephemerals, sorted. */
export function ephemerals(state: ModelState, session: number): string[] {
  const owned = [...walk(state)].filter(([, node]) => node.owner === session && session !== 0);
  return owned.map(([path]) => path).sort();
}

/** Everything before the last slash. */
export function parentPath(path: string): string {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return parent === "" ? "/" : parent;
}

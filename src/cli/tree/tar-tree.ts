import { extract, type Extract, type Header, pack, type Pack } from "tar-stream";
import { OPEN_ACL_UNSAFE } from "../../core/acl.ts";
import { findPathFault, nameOf } from "../../core/path.ts";
import { CommandError } from "../command-error.ts";
import { aclValue, parseAclValue } from "./acl-value.ts";
import { parseCopiedKind } from "./copied-kind.ts";
import { isSameAcl, type TreeNode } from "./tree-node.ts";

/**
 * A tree as a tar: znodes with data are files, others are directories. What has both data and
 * children is a directory with its data in a file `@data`; names that start with `@` get one more.
 *
 *     ./            the root
 *     ./app/        a znode with children
 *     ./app/@data   its data
 *     ./app/x       a znode without children
 *
 * A directory without `@data` has null data, an empty file has empty data. What a file system has no
 * word for stands in pax records: `EDGEKEEPER.acl`, unless the znode is open to everybody,
 * `EDGEKEEPER.kind` and `EDGEKEEPER.ttlMs`, and of the root `EDGEKEEPER.tree`, which says whether
 * the archive knows ACLs. An archive of anybody's files is read, too, and so is one of ours that was
 * unpacked, edited and packed again, without ACLs.
 *
 * Source: POSIX.1-2017 `pax`, "pax Header Block".
 */
const DATA = "@data";
const TREE = "EDGEKEEPER.tree";
const ACL = "EDGEKEEPER.acl";
const KIND = "EDGEKEEPER.kind";
const TTL = "EDGEKEEPER.ttlMs";

/** The largest file that can be the data of a znode. Source: ZooKeeper `jute.maxbuffer`. */
const DATA_BYTES_MAX = 1_048_575;

type Pax = Readonly<Record<string, string>>;

/** What an entry is made from. */
type EntryHeader = Pick<Header, "name" | "mtime"> & {
  readonly type?: "directory" | "file";
  readonly pax?: Pax;
};

/** Writes a tree as the pieces of an archive. */
export async function* tarPieces(
  nodes: AsyncIterable<TreeNode>,
  { withAcl }: { readonly withAcl: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = pack();
  const packing = packAll(archive, nodes, withAcl);
  // An error goes to whoever reads.
  packing.catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  yield* archive as AsyncIterable<Uint8Array>;
  await packing;
}

async function packAll(
  archive: Pack,
  nodes: AsyncIterable<TreeNode>,
  withAcl: boolean,
): Promise<void> {
  for await (const node of nodes) {
    const { path, data } = node;
    const mtime = new Date(node.mtime);
    const pax = { ...paxOf(node), ...(path === "" ? { [TREE]: withAcl ? "acl" : "data" } : {}) };
    const headers = { mtime, ...(Object.keys(pax).length > 0 ? { pax } : {}) };
    const name = `.${path.replaceAll("/@", "/@@")}`;
    const isDirectory = path === "" || node.hasChildren || data === null;
    if (isDirectory) await add(archive, { ...headers, name: `${name}/`, type: "directory" });
    if (data === null) continue;
    if (isDirectory) await add(archive, { name: `${name}/${DATA}`, mtime }, data);
    else await add(archive, { ...headers, name }, data);
  }
  archive.finalize();
}

function paxOf({ acl, kind, ttlMs }: TreeNode): Pax {
  const isOpen = acl === undefined || isSameAcl(acl, OPEN_ACL_UNSAFE);
  return {
    ...(isOpen ? {} : { [ACL]: JSON.stringify(aclValue(acl)) }),
    ...(kind === "PERSISTENT" ? {} : { [KIND]: kind }),
    ...(kind === "TTL" ? { [TTL]: String(ttlMs) } : {}),
  };
}

/** Resolves when there is room for the next one. */
function add(archive: Pack, header: EntryHeader, data?: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (data === undefined) archive.entry(header, done);
    else archive.entry(header, Buffer.from(data), done);
  });
}

/**
 * Reads the znodes of an archive.
 *
 * @throws CommandError that says what was expected
 */
export async function* parseTar(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<TreeNode, void, undefined> {
  const archive = extract();
  const feeding = feed(archive, pieces);
  feeding.catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  let tree: string | undefined;
  /** Directories whose data may still come; in an archive of ours it comes at once. */
  const waiting = new Map<string, TreeNode>();
  for await (const entry of archive) {
    const { header } = entry;
    const pax = (header.pax ?? {}) as Pax;
    const isFile = header.type === "file" || header.type === "contiguous-file";
    if (!isFile && header.type !== "directory") {
      throw new CommandError(
        `expected files and directories in ${name}, saw ${header.name}: ${header.type}`,
      );
    }
    const data = isFile ? await dataOf(entry as AsyncIterable<Uint8Array>, header, name) : null;
    tree ??= pax[TREE];
    const directory = waiting.get(directoryOfData(header.name) ?? "none");
    if (directory !== undefined && isFile) {
      yield { ...directory, data };
      waiting.delete(directory.path);
      continue;
    }
    if (tree !== undefined) {
      yield* waiting.values();
      waiting.clear();
    }
    const node = nodeOf({ ...header, pax }, data, { tree, where: `${header.name} of ${name}` });
    if (isFile) yield node;
    else waiting.set(node.path, node);
  }
  yield* waiting.values();
  await feeding;
}

async function feed(archive: Extract, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (archive.destroyed) return;
    if (!archive.write(piece)) {
      await new Promise<void>((resolve) => archive.once("drain", () => resolve()));
    }
  }
  archive.end(undefined);
}

async function dataOf(
  entry: AsyncIterable<Uint8Array>,
  { size, name }: Header,
  archive: string,
): Promise<Uint8Array> {
  if (size > DATA_BYTES_MAX) {
    throw new CommandError(
      `expected at most ${DATA_BYTES_MAX} bytes for a znode, saw ${size} in ${name} of ${archive}`,
    );
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of entry) pieces.push(piece);
  return Buffer.concat(pieces);
}

function nodeOf(
  { name, mtime, pax }: Pick<Header, "name" | "mtime"> & { readonly pax: Pax },
  data: Uint8Array | null,
  { tree, where }: { readonly tree: string | undefined; readonly where: string },
): TreeNode {
  const path = pathOf(name);
  const fault = path === "" ? undefined : findPathFault(path);
  if (fault !== undefined) {
    throw new CommandError(`expected a name that a znode may have, saw ${where}: ${fault}`);
  }
  const openAcl = tree === "acl" ? OPEN_ACL_UNSAFE : undefined;
  const acl = pax[ACL];
  return {
    path,
    data,
    acl: acl === undefined ? openAcl : parseAclValue(parseJson(acl), where),
    ...parseCopiedKind({ kind: pax[KIND], ttlMs: Number(pax[TTL] ?? 0) }, where),
    hasChildren: false,
    mtime: mtime.getTime(),
    version: 0,
    aversion: 0,
  };
}

/** The path of the znode whose data a file holds; undefined for a file that is a znode itself. */
function directoryOfData(name: string): string | undefined {
  return nameOf(name) === DATA ? pathOf(name.slice(0, -DATA.length)) : undefined;
}

/** `./app/@@x/` → `/app/@x`; also without the dot, as others write it. */
function pathOf(name: string): string {
  const path = name.replace(/^\.?\/+|\/+$|^\.$/g, "");
  return path === "" ? "" : `/${path}`.replaceAll("/@@", "/@");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told as what it is not.
    return text;
  }
}

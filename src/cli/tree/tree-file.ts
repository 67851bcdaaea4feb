import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../command-error.ts";
import { jsonLines, parseJsonLines } from "./json-tree.ts";
import { parseTar, tarPieces } from "./tar-tree.ts";
import { compareInTree, isBelowOrAt, type TreeNode, type TreeStream } from "./tree-node.ts";

/** How a tree is written down. */
export type FileFormat = "json" | "tar";

/** A file that holds a tree, and that was read once without finding a fault. */
export interface TreeFile {
  readonly count: number;
  /** Archives of others may have none. */
  readonly hasRoot: boolean;
  readonly read: () => TreeStream;
}

/**
 * Opens a file, whatever its format. All of it is checked before any of it is used: a file with a
 * fault changes nothing. One that is not in the order of a walk is sorted, in memory.
 *
 * @throws CommandError that says what was expected
 */
export async function openTreeFile(path: string): Promise<TreeFile> {
  const format = await formatOf(path);
  const read = (): AsyncIterable<TreeNode> => readFile(path, format);
  let [count, isInOrder, hasRoot] = [0, true, false];
  let fault: CommandError | undefined;
  let last: string | undefined;
  const findFault = faultFinder(path);
  for await (const node of read()) {
    count += 1;
    if (last !== undefined && compareInTree(last, node.path) > 0) isInOrder = false;
    last = node.path;
    if (node.path === "") hasRoot = true;
    fault ??= findFault(node);
  }
  if (isInOrder) {
    if (fault !== undefined) throw fault;
    return { count, hasRoot, read: () => withChildren(read()) };
  }
  const nodes = await sorted(read(), path);
  return { count, hasRoot, read: () => withChildren(Readable.from(nodes)) };
}

async function sorted(unsorted: AsyncIterable<TreeNode>, name: string): Promise<TreeNode[]> {
  const nodes: TreeNode[] = [];
  for await (const node of unsorted) nodes.push(node);
  nodes.sort((a, b) => compareInTree(a.path, b.path));
  const findFault = faultFinder(name);
  for (const node of nodes) {
    const fault = findFault(node);
    if (fault !== undefined) throw fault;
  }
  return nodes;
}

/** Keeps standard input in a file, since a tree is read more than once. */
export async function spool(
  input: AsyncIterable<Uint8Array>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "edgekeeper-"));
  const path = join(folder, "tree");
  await pipeline(input, createWriteStream(path, { mode: 0o600 }));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Writes a file whole or not at all: what was there stays until then. A new one is its user's alone,
 * since data and the digests of ACLs are in it; another one keeps its mode.
 */
export async function writeTreeFile(
  { path, format }: { readonly path: string; readonly format: FileFormat },
  nodes: AsyncIterable<TreeNode>,
  options: { readonly withAcl: boolean },
): Promise<void> {
  // Of this process alone, and never through a link that somebody else has put there.
  const part = `${path}.${process.pid}.part`;
  try {
    await rm(part, { force: true });
    const mode = (await modeOf(path)) ?? 0o600;
    const file = createWriteStream(part, { flags: "wx", mode, flush: true });
    await pipeline(piecesOf(format, nodes, options), file);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw withFileWords(error, path, "writable");
  }
}

/** Undefined for a file that is not there yet. */
async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : found.mode & 0o777;
}

/** The pieces of a file. */
export function piecesOf(
  format: FileFormat,
  nodes: AsyncIterable<TreeNode>,
  options: { readonly withAcl: boolean },
): AsyncIterable<string | Uint8Array> {
  return format === "tar" ? tarPieces(nodes, options) : jsonLines(nodes, options);
}

/** A tree in JSON starts with a brace; everything else is an archive, or nothing. */
async function formatOf(path: string): Promise<FileFormat> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
    if (bytesRead === 0) throw new CommandError(`expected a tree in ${path}, saw an empty file`);
    return buffer.toString("latin1") === "{" ? "json" : "tar";
  } catch (error) {
    throw withFileWords(error, path, "readable");
  }
}

async function* readFile(
  path: string,
  format: FileFormat,
): AsyncGenerator<TreeNode, void, undefined> {
  try {
    const pieces: AsyncIterable<Buffer> = createReadStream(path);
    yield* format === "tar" ? parseTar(pieces, path) : parseJsonLines(linesOf(pieces), path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof Error && "code" in error) throw withFileWords(error, path, "readable");
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`expected a tree as JSON or tar in ${path}, saw: ${seen}`);
  }
}

/** Ends lines at newlines alone: data may hold what Unicode takes for the end of a line. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line: string[] = [];
  for await (const piece of pieces) {
    const [first = "", ...more] = decoder.decode(piece, { stream: true }).split("\n");
    line.push(first);
    for (const start of more) {
      yield line.join("");
      line = [start];
    }
  }
  line.push(decoder.decode());
  const last = line.join("");
  if (last !== "") yield last;
}

/** Makes what looks at znodes in their order: each has a parent, and none comes twice. */
function faultFinder(name: string): (node: TreeNode) => CommandError | undefined {
  /** Of the znode that came last, with itself. */
  const ancestors: string[] = [];
  return ({ path }) => {
    if (ancestors.at(-1) === path) {
      return new CommandError(`expected each path once in ${name}, saw ${path || "/"} twice`);
    }
    while (ancestors.length > 0 && !isBelowOrAt(path, ancestors.at(-1) ?? "")) ancestors.pop();
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (parent !== "" && ancestors.at(-1) !== parent) {
      return new CommandError(`expected ${parent} in ${name}, since it has ${path}`);
    }
    ancestors.push(path);
    return undefined;
  };
}

/** What comes behind a znode tells whether it has children. */
async function* withChildren(
  nodes: AsyncIterable<TreeNode>,
): AsyncGenerator<TreeNode, void, undefined> {
  let last: TreeNode | undefined;
  for await (const node of nodes) {
    if (last !== undefined) yield { ...last, hasChildren: isBelowOrAt(node.path, last.path) };
    last = node;
  }
  if (last !== undefined) yield last;
}

function withFileWords(error: unknown, path: string, wanted: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  return new CommandError(`expected ${path} to be ${wanted}, saw: ${error.message}`);
}

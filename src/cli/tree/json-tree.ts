import { OPEN_ACL_UNSAFE } from "../../core/acl.ts";
import { findPathFault } from "../../core/path.ts";
import { CommandError } from "../command-error.ts";
import { dataValue } from "../output/data-value.ts";
import { aclValue, parseAclValue } from "./acl-value.ts";
import { parseCopiedKind } from "./copied-kind.ts";
import { isSameAcl, type TreeNode } from "./tree-node.ts";

/**
 * A tree as JSON: one object, in which each znode has a line of its own, so that files of any size
 * are read and written line by line, and a change of a znode is a change of a line.
 *
 *     {"format":"edgekeeper tree","version":1,"acl":true,"znodes":[
 *     {"path":"/","data":""},
 *     {"path":"/a","base64":"/w==","acl":[{"scheme":"world","id":"anyone","perms":"r"}]}
 *     ]}
 *
 * `data` is text, or null where there is none; other data is `base64`. `"acl":true` says that the
 * file knows ACLs: a znode without one is open to everybody. `kind` is `CONTAINER` or `TTL`, with
 * `ttlMs`. Paths start at the root of the copied tree.
 */
const FORMAT = "edgekeeper tree";
const VERSION = 1;
const END = "]}";

/** Writes the lines of a tree. */
export async function* jsonLines(
  nodes: AsyncIterable<TreeNode>,
  { withAcl }: { readonly withAcl: boolean },
): AsyncGenerator<string, void, undefined> {
  const head = JSON.stringify({ format: FORMAT, version: VERSION, acl: withAcl });
  yield `${head.slice(0, -1)},"znodes":[`;
  let separator = "\n";
  for await (const node of nodes) {
    yield separator + JSON.stringify(znodeValue(node));
    separator = ",\n";
  }
  yield `\n${END}\n`;
}

function znodeValue({ path, data, acl, kind, ttlMs }: TreeNode): object {
  const isOpen = acl === undefined || isSameAcl(acl, OPEN_ACL_UNSAFE);
  return {
    path: path === "" ? "/" : path,
    ...dataValue(data),
    ...(isOpen ? {} : { acl: aclValue(acl) }),
    ...(kind === "PERSISTENT" ? {} : { kind }),
    ...(kind === "TTL" ? { ttlMs } : {}),
  };
}

/**
 * Reads the lines of a tree. A file that was laid out anew by another program is read as a whole.
 *
 * @throws CommandError that says what was expected, and in which line
 */
export async function* parseJsonLines(
  lines: AsyncIterable<string>,
  name: string,
): AsyncGenerator<TreeNode, void, undefined> {
  let withAcl: boolean | undefined;
  let whole: string[] | undefined;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (number === 1) {
      withAcl = headOf(line, name);
      whole = withAcl === undefined ? [line] : undefined;
    } else if (whole !== undefined) whole.push(line);
    else if (line !== END && line !== "") {
      const value = parse(line.replace(/,$/, ""), `${name}, line ${number}`);
      yield nodeOf(value, { withAcl: withAcl ?? false, where: `${name}, line ${number}` });
    }
  }
  if (number === 0) throw notTree(name);
  if (whole !== undefined) yield* parseWhole(whole.join("\n"), name);
}

/** @returns whether ACLs are known; undefined if the line is no head of ours. */
function headOf(line: string, name: string): boolean | undefined {
  if (!line.endsWith(',"znodes":[')) return undefined;
  return checkHead(parse(`${line}]}`, name), name);
}

function* parseWhole(text: string, name: string): Generator<TreeNode, void, undefined> {
  const value = parse(text, name);
  const withAcl = checkHead(value, name);
  const { znodes } = value as { readonly znodes?: unknown };
  if (!Array.isArray(znodes)) throw notTree(name);
  for (const [index, znode] of znodes.entries()) {
    yield nodeOf(znode, { withAcl, where: `${name}, znode ${index + 1}` });
  }
}

function checkHead(value: unknown, name: string): boolean {
  const { format, version, acl } = recordOf(value);
  if (format !== FORMAT) throw notTree(name);
  if (version === VERSION) return acl === true;
  throw new CommandError(`expected version ${VERSION} in ${name}, saw ${JSON.stringify(version)}`);
}

function nodeOf(
  value: unknown,
  { withAcl, where }: { readonly withAcl: boolean; readonly where: string },
): TreeNode {
  const record = recordOf(value);
  const { path, acl } = record;
  const fault = typeof path === "string" ? findPathFault(path) : "it is none";
  if (typeof path !== "string" || fault !== undefined) {
    throw new CommandError(`expected a path in ${where}, saw ${JSON.stringify(path)}: ${fault}`);
  }
  const openAcl = withAcl ? OPEN_ACL_UNSAFE : undefined;
  return {
    path: path === "/" ? "" : path,
    data: dataOf(record, where),
    acl: acl === undefined ? openAcl : parseAclValue(acl, where),
    ...parseCopiedKind(record, where),
    hasChildren: false,
    mtime: 0,
    version: 0,
    aversion: 0,
  };
}

function dataOf(
  { data = null, base64 }: Readonly<Record<string, unknown>>,
  where: string,
): Uint8Array | null {
  if (typeof base64 === "string") {
    const bytes = Buffer.from(base64, "base64");
    if (bytes.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "")) return bytes;
    throw new CommandError(
      `expected base64 in ${where}, saw ${JSON.stringify(base64.slice(0, 40))}`,
    );
  }
  if (data === null) return null;
  if (typeof data === "string") return Buffer.from(data);
  throw new CommandError(`expected data as text or null in ${where}, saw ${typeof data}`);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`expected JSON in ${where}, saw: ${seen}`);
  }
}

function notTree(name: string): CommandError {
  return new CommandError(`expected a tree that mirror wrote in ${name}, saw something else`);
}

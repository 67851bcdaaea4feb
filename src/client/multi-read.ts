import { Code } from "../core/keeper-error.ts";
import type { MultiReadRequest } from "../core/request.ts";
import type { NativePart } from "../protocol/jute/decode-reply.ts";
import type { Chroot } from "./chroot.ts";
import { Znode } from "./data.ts";
import { KeeperError } from "./keeper-error.ts";

/** One thing to read among many. */
export type ReadAsk = { readonly get: string } | { readonly children: string };

/** What was read, or why it was not. */
export type ReadResult =
  | { readonly path: string; readonly znode: Znode }
  | { readonly path: string; readonly children: readonly string[] }
  | { readonly path: string; readonly error: KeeperError };

const pathOf = (ask: ReadAsk): string => ("get" in ask ? ask.get : ask.children);

export function readRequest(ask: ReadAsk, chroot: Chroot): MultiReadRequest["ops"][number] {
  const path = chroot.outer(pathOf(ask));
  return { op: "get" in ask ? "getData" : "getChildren", path, watch: false };
}

export function readResults(
  asks: readonly ReadAsk[],
  parts: readonly NativePart[],
): readonly ReadResult[] {
  return asks.map((ask, index) => {
    const path = pathOf(ask);
    const part = parts[index];
    if (part?.op === "getData") return { path, znode: new Znode(part.data, part.stat) };
    if (part?.op === "getChildren") return { path, children: part.children };
    const code = part?.op === "error" ? part.code : Code.MARSHALLINGERROR;
    return { path, error: new KeeperError(code, { path }) };
  });
}

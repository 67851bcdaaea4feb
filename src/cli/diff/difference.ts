import { isUtf8 } from "node:buffer";
import { formatAcl } from "../../protocol/acl-text.ts";
import type { Paint } from "../output/colours.ts";
import { dataSize } from "../output/data-size.ts";
import { dataValue } from "../output/data-value.ts";
import type { Output } from "../output/output.ts";
import { aclValue } from "../tree/acl-value.ts";
import type { Pair } from "../tree/pair-trees.ts";
import { isSameAcl, isSameData, type TreeNode } from "../tree/tree-node.ts";
import { diffLines } from "./diff-lines.ts";

/** What two trees have apart at one path. */
export type Difference =
  | { readonly type: "removed" | "added"; readonly path: string; readonly node: TreeNode }
  | {
      readonly type: "changed";
      readonly path: string;
      readonly from: TreeNode;
      readonly to: TreeNode;
      readonly hasOtherData: boolean;
      readonly hasOtherAcl: boolean;
    };

/** Compares what a copy would keep. @returns undefined for the same */
export function compareNodes({ path, left, right }: Pair): Difference | undefined {
  if (left === undefined || right === undefined) {
    const node = left ?? right;
    if (node === undefined) return undefined;
    return { type: left === undefined ? "added" : "removed", path, node };
  }
  const hasOtherData = !isSameData(left.data, right.data);
  const hasOtherAcl = !isSameAcl(left.acl, right.acl);
  if (!hasOtherData && !hasOtherAcl) return undefined;
  return { type: "changed", path, from: left, to: right, hasOtherData, hasOtherAcl };
}

/** Prints a difference, as text with what changed in it. */
export function showDifference(difference: Difference, output: Output): void {
  const path = difference.path === "" ? "/" : difference.path;
  const { type: change } = difference;
  const { from, to } = sidesOf(difference);
  const value =
    output.format === "table"
      ? { change, path, from: cellOf(from), to: cellOf(to) }
      : { change, path, ...(from && { from: sideOf(from) }), ...(to && { to: sideOf(to) }) };
  output.row({ value, text: linesOf(difference, path, output.paint) });
}

function sidesOf(difference: Difference): { readonly from?: TreeNode; readonly to?: TreeNode } {
  if (difference.type === "changed") return difference;
  return difference.type === "added" ? { to: difference.node } : { from: difference.node };
}

function linesOf(difference: Difference, path: string, paint: Paint): string[] {
  if (difference.type !== "changed") {
    return [difference.type === "added" ? paint("good", `+ ${path}`) : paint("error", `- ${path}`)];
  }
  const { from, to, hasOtherData, hasOtherAcl } = difference;
  const lines = [paint("warning", `~ ${path}`)];
  if (hasOtherData) lines.push(...dataLines(from.data, to.data, paint));
  if (hasOtherAcl) {
    lines.push(paint("error", `  - acl ${formatAcl(from.acl ?? [])}`));
    lines.push(paint("good", `  + acl ${formatAcl(to.acl ?? [])}`));
  }
  return lines;
}

function sideOf({ data, acl }: TreeNode): object {
  return { ...dataValue(data), ...(acl === undefined ? {} : { acl: aclValue(acl) }) };
}

const CELL_LENGTH_MAX = 40;

/** A table has a cell for each side, and no room for more than a look at it. */
function cellOf(node: TreeNode | undefined): string {
  if (node === undefined) return "";
  const text = shortText(node.data);
  const short = text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX - 1)}…` : text;
  return node.acl === undefined ? short : `${short} ${formatAcl(node.acl)}`;
}

function dataLines(from: Uint8Array | null, to: Uint8Array | null, paint: Paint): string[] {
  const [before, after] = [textOf(from), textOf(to)];
  if (before === undefined || after === undefined) {
    return [paint("error", `  - ${shortText(from)}`), paint("good", `  + ${shortText(to)}`)];
  }
  return diffLines(before, after).map(({ sign, line }) => {
    const text = `  ${sign} ${line}`.trimEnd();
    if (sign === " ") return text;
    return paint(sign === "+" ? "good" : "error", text);
  });
}

/** Undefined for what can't be shown by lines: none, and what is no text. */
function textOf(data: Uint8Array | null): string | undefined {
  if (data === null) return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const text = isUtf8(bytes) ? bytes.toString("utf8") : undefined;
  // What steers a terminal is none of ours to print.
  return text === undefined || /[^\P{Cc}\n\t]/u.test(text) ? undefined : text;
}

/** Data in a few words: itself if it is one line, else how much it is. */
function shortText(data: Uint8Array | null): string {
  const text = textOf(data);
  if (text === "") return "empty data";
  return text !== undefined && !text.includes("\n") ? text : dataSize(data);
}

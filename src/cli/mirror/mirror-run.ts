import type { Output } from "../output/output.ts";
import type { LeftOut, ReadOptions } from "../tree/read-tree.ts";
import type { MirrorCounts } from "./mirror-tree.ts";

/** What a mirroring is to do, and where it tells of it. */
export interface MirrorRun {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly withAcl: boolean;
  readonly withEphemerals: boolean;
}

/** What was passed over at the source. */
export class LeftOuts {
  ephemerals = 0;
  hasService = false;

  readonly add = (kind: LeftOut): void => {
    if (kind === "ephemeral") this.ephemerals += 1;
    else this.hasService = true;
  };

  /** In words; "" for nothing. */
  get text(): string {
    const parts = [
      this.ephemerals > 0 ? countOf(this.ephemerals, "ephemeral") : "",
      this.hasService ? "/zookeeper" : "",
    ].filter((part) => part !== "");
    return parts.length === 0 ? "" : `left out: ${parts.join(" and ")}`;
  }
}

/** How a mirroring reads its source. */
export function sourceOptions(
  { withAcl, withEphemerals, signal }: MirrorRun,
  leftOuts: LeftOuts,
): ReadOptions {
  return { withAcl, withEphemerals, signal, onLeftOut: leftOuts.add };
}

/** What was written, in words. */
export function doneText({ created, changed, deleted }: MirrorCounts, output: Output): string {
  if (output.isDryRun) return `would create ${created}, change ${changed}, delete ${deleted}`;
  return `created ${created}, changed ${changed}, deleted ${deleted}`;
}

/** Tells what was done. @returns what was not, in words */
export function tellCounts(
  { output }: MirrorRun,
  counts: MirrorCounts,
  leftOuts: LeftOuts,
): string | undefined {
  const { unchanged, kept, refused, hidden } = counts;
  output.remark(`${doneText(counts, output)}, unchanged ${unchanged}`);
  if (kept > 0) output.remark(`kept ${kept} that the source does not have (see --delete)`);
  if (leftOuts.text !== "") output.remark(leftOuts.text);
  const { ephemerals } = leftOuts;
  if (output.format !== "text") output.show({ value: { ...counts, ephemerals }, text: [] });
  const problems = [
    refused === 0 ? "" : `${countOf(refused, "znode")} refused: run it again`,
    hidden === 0 ? "" : `${countOf(hidden, "subtree")} may not be read`,
  ].filter((problem) => problem !== "");
  return problems.length === 0 ? undefined : problems.join(", ");
}

/** `1 znode`, `2 znodes`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

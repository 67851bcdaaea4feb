import type { ChildEntry, ChildPage } from "../../core/request.ts";
import type { InputArchive } from "./input-archive.ts";
import type { OutputArchive } from "./output-archive.ts";
import { writeStat } from "./stat.ts";

/*
 * Children in pages, which ZooKeeper's protocol does not have: behind the fields of a getChildren2, where
 * ZooKeeper ignores what there is, our client says which ones it wants; behind the answer, where only
 * our client looks, our server says what there is. Either finds nothing of it at a ZooKeeper.
 */

/** "ek.page1", so that other bytes behind a request stay ignored [JU8]. */
const MARK_HIGH = 0x656b_2e70;
const MARK_LOW = 0x6167_6531;
const MARK = Uint8Array.from("ek.page1", (character) => character.charCodeAt(0));

/** Writes which children are wanted, at the end of a request. */
export function writePage(archive: OutputArchive, page: ChildPage): void {
  archive.int(MARK_HIGH);
  archive.int(MARK_LOW);
  archive.string(page.after);
  archive.int(page.limit);
  archive.bool(page.stat);
  archive.bool(page.data);
}

/** Reads what {@link writePage} wrote; undefined where a request ends, or other bytes follow. */
export function readPage(body: InputArchive): ChildPage | undefined {
  if (!body.skip(MARK)) return undefined;
  return { after: body.string() ?? "", limit: body.int(), stat: body.bool(), data: body.bool() };
}

/** Writes what there is of a page, at the end of its answer: whether names follow, then each child. */
export function writePageTail(
  archive: OutputArchive,
  { stat: withStat, data: withData }: ChildPage,
  { children, more }: { readonly children: readonly ChildEntry[]; readonly more: boolean },
): void {
  archive.bool(more);
  for (const { stat, data } of children) {
    if (withStat) {
      archive.bool(stat !== undefined);
      if (stat !== undefined) writeStat(archive, stat);
    }
    if (withData) {
      archive.bool(data !== undefined);
      if (data !== undefined) archive.buffer(data);
    }
  }
}

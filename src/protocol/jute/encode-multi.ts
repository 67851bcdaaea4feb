import { assert } from "../../core/assert.ts";
import { Code, type Failure } from "../../core/keeper-error.ts";
import type { MultiOp, MultiReadResult, MultiResult } from "../../core/request.ts";
import { OpCode } from "./op-code.ts";
import type { OutputArchive } from "./output-archive.ts";
import { writeStat } from "./stat.ts";

/**
 * Writes the results of a multi, each behind a header with the type of its part, and the end.
 * Every create that answers a Stat is a create2 here [JU14].
 *
 * Source: ZooKeeper `MultiResponse`.
 */
export function writeMulti(
  archive: OutputArchive,
  ops: readonly MultiOp[],
  results: readonly MultiResult[],
): void {
  for (const [index, result] of results.entries()) writeResult(archive, ops[index], result);
  writeEnd(archive);
}

function writeResult(
  archive: OutputArchive,
  asked: MultiOp | undefined,
  result: MultiResult,
): void {
  switch (result.op) {
    case "create": {
      const hasStat = asked?.op !== "create";
      writePartHeader(archive, hasStat ? OpCode.create2 : OpCode.create, Code.OK);
      archive.string(result.path);
      if (hasStat) writeStat(archive, result.stat);
      return;
    }
    case "setData":
      writePartHeader(archive, OpCode.setData, Code.OK);
      writeStat(archive, result.stat);
      return;
    case "delete":
      writePartHeader(archive, OpCode.delete, Code.OK);
      return;
    case "check":
      writePartHeader(archive, OpCode.check, Code.OK);
      return;
    case "error":
      writeError(archive, result.code);
  }
}

/** Writes the answer to a multi of which a part failed: OK, the code, and what never was tried. */
export function writeFailedMulti(
  archive: OutputArchive,
  count: number,
  { code, failedAt }: Pick<Failure, "code"> & { readonly failedAt: number },
): void {
  assert(failedAt < count, `part ${failedAt} of ${count} failed`);
  for (let index = 0; index < count; index += 1) {
    if (index === failedAt) writeError(archive, code);
    else writeError(archive, index < failedAt ? Code.OK : Code.RUNTIMEINCONSISTENCY);
  }
  writeEnd(archive);
}

/** Writes the results of a multiRead; a part that failed is no failure of the others. */
export function writeMultiRead(archive: OutputArchive, results: readonly MultiReadResult[]): void {
  for (const result of results) {
    switch (result.op) {
      case "getData":
        writePartHeader(archive, OpCode.getData, Code.OK);
        archive.buffer(result.data);
        writeStat(archive, result.stat);
        break;
      case "getChildren":
        writePartHeader(archive, OpCode.getChildren, Code.OK);
        archive.vector(result.children, (into, { name }) => into.string(name));
        break;
      case "error":
        writeError(archive, result.code);
    }
  }
  writeEnd(archive);
}

function writeError(archive: OutputArchive, code: Code): void {
  writePartHeader(archive, OpCode.error, code);
  archive.int(code);
}

function writePartHeader(archive: OutputArchive, type: number, code: Code): void {
  archive.int(type);
  archive.bool(false);
  archive.int(code);
}

function writeEnd(archive: OutputArchive): void {
  archive.int(OpCode.error);
  archive.bool(true);
  archive.int(-1);
}

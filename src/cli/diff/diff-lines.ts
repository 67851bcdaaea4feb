/** A line of a difference: in both, only in the first, or only in the second text. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/** Above it all lines between the same ones at both ends count as changed. */
const CELLS_MAX = 1_000_000;
/** Lines that are the same, shown around those that are not. */
const CONTEXT = 2;

/** Tells how one text becomes another one, with a little of what stays around each change. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  const room = Math.min(a.length, b.length) - start;
  while (end < room && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = changes(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const same = (line: string): DiffLine => ({ sign: " ", line });
  return withContext([
    ...a.slice(0, start).map(same),
    ...middle,
    ...a.slice(a.length - end).map(same),
  ]);
}

function changes(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > CELLS_MAX) {
    return [
      ...a.map((line): DiffLine => ({ sign: "-", line })),
      ...b.map((line): DiffLine => ({ sign: "+", line })),
    ];
  }
  const common = commonLengths(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", line: left });
      [i, j] = [i + 1, j + 1];
    } else if (
      right === undefined ||
      (left !== undefined && at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      lines.push({ sign: "-", line: left ?? "" });
      i += 1;
    } else {
      lines.push({ sign: "+", line: right });
      j += 1;
    }
  }
  return lines;
}

/** The length of the longest common subsequence of what is left from `[i][j]` on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const lengths = a.map(() => new Uint32Array(b.length + 1));
  lengths.push(new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = lengths[i];
    if (row === undefined) continue;
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] =
        a[i] === b[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), row[j + 1] ?? 0);
    }
  }
  return lengths;
}

function at(lengths: readonly Uint32Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}

/** Drops what is the same and far from any change. */
function withContext(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    for (let other = index - CONTEXT; other <= index + CONTEXT; other += 1) near.add(other);
  }
  return lines.filter((_, index) => near.has(index));
}

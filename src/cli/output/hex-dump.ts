const LINE = `+${"-".repeat(8)}+${"-".repeat(49)}+${"-".repeat(16)}+`;
const HEAD = `         +${"-".repeat(49)}+`;
const COLUMNS = `         |  ${"0 1 2 3 4 5 6 7 8 9 a b c d e f".replaceAll(" ", "  ")} |`;

/** Bytes in hexadecimal and as text, sixteen a line. Source: zkCli `HexDumpOutputFormatter`. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "."));
    const offset = at.toString(16).padStart(8, "0");
    lines.push(`|${offset}| ${hex.padEnd(47)} |${text.join("").padEnd(16)}|`);
  }
  return [HEAD, COLUMNS, LINE, ...lines, LINE].join("\n");
}

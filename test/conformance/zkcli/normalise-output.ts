/** Takes times, ids and zxids out of what zkCli prints; zxids keep their order. */
export function normaliseOutput(output: string): string {
  const zxids = [...output.matchAll(ZXID)].map(([, , hex]) => BigInt(`0x${hex}`));
  const ordered = [...new Set(zxids)].toSorted((a, b) => (a < b ? -1 : 1));
  return output
    .replaceAll(/^SLF4J: .*\n/gm, "")
    .replaceAll(ZXID, (_, name: string, hex: string) => {
      const zxid = BigInt(`0x${hex}`);
      return `${name} = ${zxid === 0n ? "zero" : `zxid ${ordered.indexOf(zxid)}`}`;
    })
    .replaceAll(/^(ctime|mtime) = (.*)$/gm, (_, name: string, time: string) =>
      time.includes(" 1970") ? `${name} = zero` : `${name} = now`,
    )
    .replaceAll(/^ephemeralOwner = 0x[1-9a-f][0-9a-f]*$/gm, "ephemeralOwner = session")
    .replaceAll(/127\.0\.0\.1:\d+/g, "server");
}

const ZXID = /^([cmp]Zxid) = 0x([0-9a-f]+)$/gm;

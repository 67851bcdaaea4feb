/** An address as bytes: 4 for IPv4, 16 for IPv6. */
export type IpAddress = readonly number[];

/** Parses an IPv4 or IPv6 address in text form (RFC 4291 §2.2); undefined for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** Reads colon-separated groups; the last may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".") && index === groups.length - 1) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes;
}

/** An address and how many of its leading bits count. */
export interface IpPrefix {
  readonly address: IpAddress;
  readonly bits: number;
}

/** Parses `address` or `address/bits`; undefined if either is out of range. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [addressText = "", bitsText, ...rest] = text.split("/");
  const address = parseIpAddress(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  if (bitsText === undefined) return { address, bits: address.length * 8 };
  const bits = Number(bitsText);
  if (!/^\d{1,3}$/.test(bitsText) || bits > address.length * 8) return undefined;
  return { address, bits };
}

/** Tells whether an address lies in a prefix of the same family. */
export function matchesPrefix(address: IpAddress, prefix: IpPrefix): boolean {
  if (address.length !== prefix.address.length) return false;
  for (let bit = 0; bit < prefix.bits; bit += 8) {
    const index = bit >> 3;
    const shift = Math.max(0, 8 - (prefix.bits - bit));
    if ((address[index] ?? 0) >> shift !== (prefix.address[index] ?? 0) >> shift) return false;
  }
  return true;
}

import type { ACL } from "../../core/acl.ts";
import { formatPerms, parsePerms } from "../../protocol/acl-text.ts";
import { CommandError } from "../command-error.ts";

/** An entry of an ACL for programs: letters where they say it all, else the bits. */
export interface AclValue {
  readonly scheme: string;
  readonly id: string;
  readonly perms: string | number;
}

/** An ACL for programs, and for files. */
export function aclValue(acl: readonly ACL[]): AclValue[] {
  return acl.map(({ id, perms }) => {
    const letters = formatPerms(perms);
    return { ...id, perms: parsePerms(letters) === perms ? letters : perms };
  });
}

/** Reads what {@link aclValue} made. @throws CommandError that says where. */
export function parseAclValue(value: unknown, where: string): ACL[] {
  if (!Array.isArray(value)) throw expected(where, value);
  return value.map((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) throw expected(where, entry);
    const { scheme, id, perms } = entry as Partial<Record<keyof AclValue, unknown>>;
    const bits = typeof perms === "string" ? parsePerms(perms) : perms;
    if (typeof scheme !== "string" || typeof id !== "string" || typeof bits !== "number") {
      throw expected(where, entry);
    }
    return { perms: bits, id: { scheme, id } };
  });
}

function expected(where: string, seen: unknown): CommandError {
  return new CommandError(
    `expected the ACL of ${where} to be a list of {scheme, id, perms}, saw ${JSON.stringify(seen)}`,
  );
}

import { InvalidArgumentError } from "commander";
import type { ACL } from "../core/acl.ts";
import { isFailure } from "../core/keeper-error.ts";
import { parseAcl } from "../protocol/acl-text.ts";
import { CommandError } from "./command-error.ts";

/** Reads a whole number. @throws InvalidArgumentError that commander turns into one line. */
export function integer(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("expected a whole number");
}

/** Makes what reads a whole number from 1 up to a bound. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const value = integer(text);
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`expected 1 to ${max.toLocaleString("en-US")}`);
  };
}

/** Reads `scheme:id:perms,…`. @throws CommandError in zkCli's words. */
export function aclOf(text: string): readonly ACL[] {
  const acl = parseAcl(text);
  if (isFailure(acl)) throw new CommandError(`${text} does not have the form scheme:id:perm`);
  return acl;
}

/** The version that `-v` expects; any if absent. */
export function versionOf({ v = -1 }: { readonly v?: number }): number {
  return v;
}

/** Reads a regular expression. @throws InvalidArgumentError that commander turns into one line. */
export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch {
    throw new InvalidArgumentError("expected a regular expression");
  }
}

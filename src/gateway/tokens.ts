import { z } from "@hono/zod-openapi";
import type { Id } from "../core/acl.ts";
import type { Role } from "../core/identity.ts";
import { badConfig } from "./problem.ts";

/** Who may come through the door, as the secret `TOKENS` lists them. The token itself is nowhere. */
export interface Token {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Uint8Array;
  /** Names of namespaces, or `*` for all. */
  readonly namespaces: readonly string[];
  readonly role: Role;
  /** ZooKeeper identities that come with the token; `super` passes every ACL. */
  readonly ids: readonly Id[];
}

const DIGEST_BYTES = 32;

/** What somebody may do here, as operators write it down: of a token, of a binding. */
export const rightsSchema = z.strictObject({
  name: z.string().min(1),
  namespaces: z.array(z.string().regex(/^(\*|[a-z0-9][a-z0-9-]{0,62})$/)).min(1),
  role: z.enum(["read", "write", "admin"]),
  ids: z.array(z.strictObject({ scheme: z.string().min(1), id: z.string() })).default([]),
});

const tokensSchema = z.array(rightsSchema.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }));

/**
 * Parses the secret.
 *
 * @throws HttpProblem 500 that names the entry and field, never a value.
 */
export function parseTokens(secret: string): Token[] {
  let json: unknown;
  try {
    json = JSON.parse(secret);
  } catch {
    // The parser's message quotes the text.
    throw badConfig("TOKENS is no JSON");
  }
  const result = tokensSchema.safeParse(json);
  if (!result.success) {
    const where = result.error.issues[0]?.path.join(".") ?? "";
    throw badConfig(
      "TOKENS: expected a list of {name, sha256, namespaces, role, ids?}, " +
        `found something else at ${where === "" ? "the top" : where}`,
    );
  }
  return result.data.map(({ sha256, ...rest }) => ({ ...rest, digest: bytesOfHex(sha256) }));
}

/**
 * Finds whose token was presented. Takes the same time for every token of one length, right or
 * wrong: only digests are compared, all of them, and each to its end.
 */
export async function findToken(
  tokens: readonly Token[],
  presented: string,
): Promise<Token | undefined> {
  const bytes = new TextEncoder().encode(presented);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  let found: Token | undefined;
  for (const token of tokens) if (isSameDigest(token.digest, digest)) found = token;
  return found;
}

/** Tells whether somebody's namespaces include one. */
export function opensNamespace(
  { namespaces }: Pick<Token, "namespaces">,
  namespace: string,
): boolean {
  return namespaces.includes("*") || namespaces.includes(namespace);
}

function isSameDigest(left: Uint8Array, right: Uint8Array): boolean {
  let difference = 0;
  for (let at = 0; at < DIGEST_BYTES; at += 1) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  );
}

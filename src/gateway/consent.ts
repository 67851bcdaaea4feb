import type { Role } from "../core/identity.ts";
import type { Env } from "../shard/env.ts";
import { badConfig } from "./problem.ts";

/**
 * What the operator of a self-hosted server has agreed to in so many words: callers without a token who
 * do not come from the same machine. Empty unless said.
 */
export interface Consent {
  /**
   * Host names by which anonymous callers may address the server. Once there is a list, even an empty
   * one, they may also do so by any IP address. Absent: by a loopback name only.
   */
  readonly anonymousHosts?: ReadonlySet<string>;
  /** What TCP clients may do, wherever they come from. Absent: the anonymous role, from this machine. */
  readonly nativeRole?: Role;
}

const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?$/;

/**
 * Reads the consent. Only `src/serve.ts` imports this, for the reason that `anonymous-role.ts` has.
 *
 * @throws HttpProblem 500 that names the variable, never its value.
 */
export function readConsent({ ANONYMOUS_HOSTS: hosts, NATIVE_ROLE: role }: Env): Consent {
  return {
    ...(hosts !== undefined && { anonymousHosts: readHosts(hosts) }),
    ...(role !== undefined && { nativeRole: readNativeRole(role) }),
  };
}

function readHosts(text: string): ReadonlySet<string> {
  const hosts = text.split(",").map((host) => host.trim().toLowerCase());
  const named = hosts.filter((host) => host !== "");
  for (const [index, host] of named.entries()) {
    if (HOST_NAME.test(host)) continue;
    throw badConfig(`ANONYMOUS_HOSTS: entry ${index + 1} is no host name like keeper.example.com`);
  }
  return new Set(named);
}

function readNativeRole(text: string): Role {
  if (text === "read" || text === "write" || text === "admin") return text;
  throw badConfig("NATIVE_ROLE: expected read, write or admin");
}

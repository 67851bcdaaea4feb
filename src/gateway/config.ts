import type { Role } from "../core/identity.ts";
import { isFailure } from "../core/keeper-error.ts";
import { parseWhitelist, type Whitelist } from "../protocol/admin/whitelist.ts";
import type { Env } from "../shard/env.ts";
import type { Configuration } from "../zab/configuration.ts";
import { parseEnsemble } from "../zab/ensemble-text.ts";
import type { Consent } from "./consent.ts";
import { DEFAULT_NAMESPACE, isNamespace } from "./path.ts";
import { BY_LEADER, type Placement } from "./placement.ts";
import { badConfig } from "./problem.ts";
import type { Route } from "./route.ts";
import { type Token, parseTokens } from "./tokens.ts";

/** The Worker's variables, judged. */
export interface GatewayConfig extends Consent {
  readonly tokens: readonly Token[];
  /** Undefined: nobody comes in without a token. */
  readonly anonymousRole?: Role;
  /** Origins as browsers send them, besides the service's own. */
  readonly corsOrigins: ReadonlySet<string>;
  /** The four-letter words that are answered, over TCP and over HTTP. */
  readonly fourLetterWords: Whitelist;
  /** The namespace that TCP clients see: their protocol has no name for one. */
  readonly nativeNamespace: string;
  /** What namespaces start as; undefined: each is one object. */
  readonly ensemble: Configuration | undefined;
  /** The member that serves TCP clients. */
  readonly nativePlacement: Placement;
}

/** What local development and self-hosted servers add to the gateway; see `anonymous-role.ts`. */
export interface GatewayOptions {
  /** Who comes without a token. Absent: nobody. */
  readonly readAnonymousRole?: (env: Env) => Role | undefined;
  /** From where, besides this machine. Absent: from nowhere. */
  readonly readConsent?: (env: Env) => Consent;
  /** Routes that only local development has. */
  readonly controls?: readonly Route[];
}

/**
 * Reads the configuration, whole or not at all: with a part of it the door might stand open.
 *
 * @throws HttpProblem 500 that names the variable and what is wrong, never its value.
 */
export function readConfig(env: Env, options: GatewayOptions = {}): GatewayConfig {
  const anonymousRole = options.readAnonymousRole?.(env);
  return {
    tokens: env.TOKENS === undefined || env.TOKENS === "" ? [] : parseTokens(env.TOKENS),
    corsOrigins: readOrigins(env.CORS_ORIGINS ?? ""),
    fourLetterWords: parseWhitelist(env.FOUR_LETTER_WORDS ?? ""),
    nativeNamespace: readNativeNamespace(env.NATIVE_NAMESPACE ?? ""),
    nativePlacement: readNativePlacement(env.NATIVE_MEMBER ?? ""),
    ensemble: readEnsemble(env.ENSEMBLE),
    ...(anonymousRole !== undefined && { anonymousRole }),
    ...options.readConsent?.(env),
  };
}

/** Makes a {@link readConfig} that reads once: `env` is the same object for the life of the isolate. */
export function configReader(options: GatewayOptions = {}): (env: Env) => GatewayConfig {
  const configs = new WeakMap<Env, GatewayConfig>();
  return (env) => {
    const config = configs.get(env) ?? readConfig(env, options);
    configs.set(env, config);
    return config;
  };
}

function readOrigins(text: string): ReadonlySet<string> {
  const origins = text.split(",").map((origin) => origin.trim());
  const named = origins.filter((origin) => origin !== "");
  for (const [index, origin] of named.entries()) {
    if (URL.parse(origin)?.origin === origin) continue;
    throw badConfig(`CORS_ORIGINS: entry ${index + 1} is no origin like https://app.example.com`);
  }
  return new Set(named);
}

function readNativeNamespace(text: string): string {
  if (text === "") return DEFAULT_NAMESPACE;
  if (isNamespace(text)) return text;
  throw badConfig("NATIVE_NAMESPACE: expected lower-case letters, digits and -, 1 to 63 of them");
}

function readEnsemble(value: unknown): Configuration | undefined {
  if (value === undefined) return undefined;
  const ensemble = parseEnsemble(value);
  if (isFailure(ensemble)) throw badConfig(ensemble.message);
  return ensemble.configuration;
}

function readNativePlacement(text: string): Placement {
  if (text === "" || text === "leader") return BY_LEADER;
  if (text === "local") return { type: "any", near: [] };
  if (/^\d{1,3}$/.test(text)) return { type: "member", sid: Number(text) };
  throw badConfig("NATIVE_MEMBER: expected leader, local or the id of a member");
}

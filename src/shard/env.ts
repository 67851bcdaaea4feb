/**
 * Bindings and variables of the Worker, by hand: wrangler's generated types would say `any` for
 * the namespace and drag in the whole configuration.
 */
export interface Env {
  /** Class `Shard`; object name `{namespace}:{shard root}`. */
  readonly SHARD: DurableObjectNamespace;
  /** Secret. JSON list of `{name, sha256, namespaces, role, ids?}`; see the gateway's tokens. */
  readonly TOKENS?: string;
  /**
   * `read`, `write` or `admin`: who comes without a token; `src/dev.ts` and `src/serve.ts` only, and on
   * a loopback Host only, unless `ANONYMOUS_HOSTS` says more.
   */
  readonly ANONYMOUS_ROLE?: string;
  /**
   * Comma-separated names of the server; `src/serve.ts` only. If set, callers without a token may
   * address it by these and by IP addresses.
   */
  readonly ANONYMOUS_HOSTS?: string;
  /** The role of TCP clients, from wherever; `src/serve.ts` only. */
  readonly NATIVE_ROLE?: string;
  /** The namespace that clients of the native protocol see over TCP; `default` if not set. */
  readonly NATIVE_NAMESPACE?: string;
  /**
   * The ensemble as which namespaces start: a size, members, or `{members, observers}`; each is one
   * object if not set. See `zab/ensemble-text.ts`.
   */
  readonly ENSEMBLE?: unknown;
  /** The member that serves TCP clients: `leader`, `local` or an id; `leader` if not set. */
  readonly NATIVE_MEMBER?: string;
  /** Four-letter words that are answered: names between commas, or `*`; `srvr` alone if not set. */
  readonly FOUR_LETTER_WORDS?: string;
  /** Comma-separated origins whose pages may change znodes, besides the service's own. */
  readonly CORS_ORIGINS?: string;
  /** Secret. `super:<base64 of SHA-1>`: the digest identity that passes every ACL. */
  readonly SUPER_DIGEST?: string;
}

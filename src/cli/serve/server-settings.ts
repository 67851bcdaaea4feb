import { resolve } from "node:path";
import { CommandError } from "../command-error.ts";
import {
  formatListenAddress,
  isLoopback,
  type ListenAddress,
  parseListenAddress,
} from "../listen-address.ts";
import { readNamedFile } from "../read-named-file.ts";

/** Who comes in without a token, and as what. */
export const ACCESSES = ["admin", "write", "read", "none"] as const;
export type Access = (typeof ACCESSES)[number];

/** The options of `edgekeeper serve`, as they were written. */
export interface ServeArguments {
  readonly data: string;
  readonly http?: string;
  /** An address, or `off`. */
  readonly tcp?: string;
  /** A file. */
  readonly tokens?: string;
  readonly anonymous?: Access;
  readonly anonymousHosts?: string;
  readonly tcpRole?: Access;
  readonly cert?: string;
  readonly key?: string;
  readonly tcpTls?: boolean;
  readonly corsOrigins?: string;
  readonly ensemble?: string;
  readonly fourLetterWords?: string;
}

/** Files (PEM) with a chain of certificates and its key. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** The options, judged. */
export interface ServerSettings {
  readonly data: string;
  readonly http: ListenAddress;
  readonly tls: Tls | undefined;
  /** Undefined: no TCP. */
  readonly tcp: ListenAddress | undefined;
  /** Whether TCP clients speak TLS, too. */
  readonly isTcpTls: boolean;
  /** What callers over HTTP are without a token. */
  readonly anonymous: Access;
  /** What TCP clients are; they have no tokens. */
  readonly tcpRole: Access;
  /** Variables of the Worker. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those that are nobody else's business. */
  readonly secrets: Readonly<Record<string, string>>;
}

export const HTTP_ADDRESS = "127.0.0.1:8787";
export const TCP_ADDRESS = "127.0.0.1:2181";

/**
 * Judges the options. What can be reached from this machine alone is open, as in development, as long as
 * there are no tokens. Everything else has to be said.
 *
 * @throws CommandError that says what was expected, and why.
 */
export function readSettings(args: ServeArguments): ServerSettings {
  const tokens = args.tokens === undefined ? undefined : readTokens(args.tokens);
  const http = parseListenAddress(args.http ?? HTTP_ADDRESS, "--http");
  const anonymous = anonymousOf(args, http);
  const { tcp, tcpRole } = tcpOf(args, anonymous);
  return {
    data: resolve(args.data),
    http,
    tls: tlsOf(args),
    tcp,
    isTcpTls: args.tcpTls ?? false,
    anonymous,
    tcpRole,
    variables: variablesOf(args, anonymous),
    secrets: tokens === undefined ? {} : { TOKENS: tokens },
  };
}

function anonymousOf(args: ServeArguments, http: ListenAddress): Access {
  const { tokens, anonymous, anonymousHosts } = args;
  if (anonymousHosts !== undefined && (anonymous === undefined || anonymous === "none")) {
    throw new CommandError("expected --anonymous with --anonymous-hosts: it says what they may do");
  }
  if (anonymous !== undefined) return anonymous;
  if (tokens !== undefined) return "none";
  if (isLoopback(http.host)) return "admin";
  throw new CommandError(
    `expected --tokens or --anonymous with --http ${formatListenAddress(http)}, which other machines ` +
      "reach: callers show a token, or all have the role that --anonymous gives them",
  );
}

type Tcp = Pick<ServerSettings, "tcp" | "tcpRole">;

function tcpOf(args: ServeArguments, anonymous: Access): Tcp {
  const text = args.tcp ?? TCP_ADDRESS;
  if (text === "off") return { tcp: undefined, tcpRole: "none" };
  const tcp = parseListenAddress(text, "--tcp");
  const consented = args.tcpRole ?? args.anonymous;
  if (consented === undefined && !isLoopback(tcp.host)) {
    throw new CommandError(
      `expected --tcp-role with --tcp ${text}, which other machines reach: ` +
        "ZooKeeper's clients show no token, so all have the role that it gives them",
    );
  }
  const tcpRole = consented ?? anonymous;
  if (tcpRole !== "none") return { tcp, tcpRole };
  if (args.tcp === undefined) return { tcp: undefined, tcpRole };
  throw new CommandError(
    `expected --tcp-role to give ZooKeeper's clients a role with --tcp ${text}, since they show no token`,
  );
}

function tlsOf({ cert, key, tcpTls = false }: ServeArguments): Tls | undefined {
  if (cert === undefined && key === undefined) {
    if (tcpTls) throw new CommandError("expected --cert and --key with --tcp-tls");
    return undefined;
  }
  if (cert === undefined || key === undefined) {
    throw new CommandError("expected --cert and --key together, saw one of them");
  }
  readNamedFile("--key", key);
  readNamedFile("--cert", cert);
  return { cert: resolve(cert), key: resolve(key) };
}

function variablesOf(args: ServeArguments, anonymous: Access): Record<string, string> {
  const { anonymous: consented, anonymousHosts = "", tcpRole = consented } = args;
  const variables: Record<string, string | undefined> = {
    ANONYMOUS_ROLE: anonymous === "none" ? undefined : anonymous,
    // Said in so many words, so not for this machine alone.
    ANONYMOUS_HOSTS: consented === undefined || consented === "none" ? undefined : anonymousHosts,
    NATIVE_ROLE: tcpRole === "none" ? undefined : tcpRole,
    CORS_ORIGINS: args.corsOrigins,
    ENSEMBLE: args.ensemble,
    FOUR_LETTER_WORDS: args.fourLetterWords,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function readTokens(path: string): string {
  const text = readNamedFile("--tokens", path).trim();
  // A server that takes nobody's token would look as if it were protected, and serve nobody.
  if (text !== "" && text !== "[]") return text;
  throw new CommandError(
    `expected --tokens to name a file with a list of tokens, saw none in ${path}`,
  );
}

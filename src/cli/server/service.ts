import type { TlsOptions } from "../../client/tcp-transport.ts";
import type { OutgoingHttpHeaders } from "node:http";
import { CommandError } from "../command-error.ts";
import { isLoopback } from "../listen-address.ts";
import { readNamedFile } from "../read-named-file.ts";

/** A deployed or local service, and what is shown to it. */
export interface Service {
  /** With the namespace, if one was named; its path has no slash at the end. */
  readonly url: URL;
  readonly token: string | undefined;
  readonly tls: TlsOptions;
}

/** Files in PEM that the user named. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What the user said about the service. */
export interface ServiceOptions extends TlsFiles {
  readonly url: string;
  readonly namespace?: string;
  readonly tokenFile?: string;
  /** What `EDGEKEEPER_TOKEN` holds; a file that was named comes before it. */
  readonly environmentToken?: string | undefined;
  /** How the user named the URL. */
  readonly option?: string;
}

/** Characters of an `Authorization` header's token. Source: RFC 6750 §2.1, any of one line. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;

/**
 * Reads the options that say where the service is.
 *
 * @throws CommandError that says what was expected; a token is never part of it.
 */
export function readService(options: ServiceOptions): Service {
  const { option = "--url" } = options;
  const token = readToken(options);
  const url = parseServiceUrl(options.url, option);
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new CommandError(
      `expected ${option} to start with https://, since a token goes with it, saw ${url.href}`,
    );
  }
  if (options.namespace !== undefined) {
    url.pathname = `${pathOf(url)}/ns/${encodeURIComponent(options.namespace)}`;
  }
  return { url, token, tls: readTls(options) };
}

/** The URL of a route of the service, in its namespace. */
export function routeUrl({ url }: Service, route: `/${string}`): URL {
  const routed = new URL(url);
  routed.pathname = `${pathOf(url)}${route}`;
  return routed;
}

/** The headers of every request to the service. */
export function serviceHeaders({ token }: Service): OutgoingHttpHeaders {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/**
 * How connections to the service are made secure. Verification is said aloud, so that
 * `NODE_TLS_REJECT_UNAUTHORIZED` in the environment can't turn it off [BG6].
 */
export function tlsOptions({ tls }: Service): { rejectUnauthorized: true } & TlsOptions {
  return { ...tls, rejectUnauthorized: true };
}

/** Reads the files that make a connection secure. @throws CommandError */
export function readTls({ ca, cert, key }: TlsFiles): TlsOptions {
  if ((cert === undefined) !== (key === undefined)) {
    throw new CommandError("expected --cert and --key together, saw one of them");
  }
  return {
    ...(ca === undefined ? {} : { ca: readNamedFile("--ca", ca) }),
    ...(cert === undefined ? {} : { cert: readNamedFile("--cert", cert) }),
    ...(key === undefined ? {} : { key: readNamedFile("--key", key) }),
  };
}

function parseServiceUrl(text: string, option: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`expected ${option} to be https://HOST or http://HOST, saw ${text}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new CommandError(`expected ${option} without a user, saw one: use --token-file`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw new CommandError(`expected ${option} without ? and #, saw ${text}`);
  }
  return url;
}

function readToken({ tokenFile, environmentToken }: ServiceOptions): string | undefined {
  const [source, text] =
    tokenFile === undefined
      ? ["EDGEKEEPER_TOKEN", environmentToken]
      : [tokenFile, readNamedFile("--token-file", tokenFile)];
  const token = text?.trim();
  if (token === undefined || (token === "" && tokenFile === undefined)) return undefined;
  if (TOKEN.test(token)) return token;
  throw new CommandError(
    `expected a token in ${source}: one line of printable ASCII without blanks, saw other bytes`,
  );
}

function pathOf(url: URL): string {
  return url.pathname.replace(/\/+$/, "");
}

import { findPathFault } from "../../core/path.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import type { Elsewhere } from "../server/server-connection.ts";
import type { FileFormat } from "./tree-file.ts";

/** Where a tree is, as a user writes it. */
export type TreePlace =
  | {
      readonly type: "server";
      readonly name: string;
      /** `host:port,…` or the URL of a service, without a path. */
      readonly server: string;
      readonly namespace: string | undefined;
      readonly root: string;
    }
  /** Of the server that the command is connected with. */
  | { readonly type: "path"; readonly name: string; readonly root: string }
  | {
      readonly type: "file";
      readonly name: string;
      readonly path: string;
      readonly format: FileFormat;
    }
  /** Standard input or output. */
  | { readonly type: "stream"; readonly name: string };

/** A place on a server. */
export type ServerPlace = Extract<TreePlace, { readonly type: "server" | "path" }>;

/** A place that is read and written as a whole. */
export type FilePlace = Extract<TreePlace, { readonly type: "file" | "stream" }>;

/** Where from, and where to. */
export interface PlacePair {
  readonly from: TreePlace;
  readonly to: TreePlace;
}

const HOSTS = /^(?<hosts>(?:tls:\/\/)?(?:\[[^\]]+\]|[^/:[\]]+):\d+(?:,[^/]*)?)(?<root>\/.*)?$/;

/**
 * Reads a place: `https://host/path`, `host:port,…/path`, `/path`, `file.json`, `file.tar` or `-`.
 *
 * The namespace of a service stands in front of its path: `https://host/ns/name/path`.
 *
 * @throws CommandError, MalformedPathError
 */
export function parsePlace(text: string): TreePlace {
  if (/^https?:\/\//.test(text)) return servicePlace(text);
  const { hosts: server, root: path = "/" } = HOSTS.exec(text)?.groups ?? {};
  if (server !== undefined) {
    const root = withoutEnd(path);
    checkPath(root);
    return { type: "server", name: text, server, namespace: undefined, root };
  }
  if (text === "-") return { type: "stream", name: text };
  const format = /\.(json|tar)$/.exec(text)?.[1];
  if (format === "json" || format === "tar") {
    return { type: "file", name: text, path: text, format };
  }
  if (text.startsWith("/")) {
    checkPath(text);
    return { type: "path", name: text, root: text };
  }
  throw new CommandError(
    `expected a URL, host:port/path, /path, a file .json or .tar, or -, saw ${text}`,
  );
}

/** Reads two places. @throws CommandError, also for standard input and output at once */
export function parsePlaces(fromText: string, toText: string): PlacePair {
  const [from, to] = [parsePlace(fromText), parsePlace(toText)];
  if (from.type === "stream" && to.type === "stream") {
    throw new CommandError("expected a server or a file beside -, saw - twice");
  }
  return { from, to };
}

/** Tells whether a place is on a server. */
export function isServerPlace(place: TreePlace): place is ServerPlace {
  return place.type === "server" || place.type === "path";
}

/** Which services there are tokens for, besides those that places name. */
export interface KnownTokens {
  /** The command's own server, where its paths are. */
  readonly own: string;
  /** A file with the token of the second service. */
  readonly toFile?: string | undefined;
}

/**
 * Says which token each place is shown. That of the command goes to one service alone, its own one if
 * there is a path of that, else the first one, so that no service learns the token of another one.
 */
export function tokensOf(
  { from, to }: PlacePair,
  { own, toFile }: KnownTokens,
): { readonly from: Elsewhere["token"]; readonly to: Elsewhere["token"] } {
  const [first, second] = [serviceOf(from, own), serviceOf(to, own)];
  const isOther = first !== undefined && second !== undefined && first !== second;
  const isOwnSecond = to.type === "path";
  const toToken = toFile === undefined ? (isOther ? "none" : "same") : { file: toFile };
  return {
    from:
      from.type === "server" && first !== undefined && !(isOther && isOwnSecond) ? "same" : "none",
    to: to.type === "server" && second !== undefined ? toToken : "none",
  };
}

/** The service that a place is on; undefined for what is on none. */
function serviceOf(place: TreePlace, own: string): string | undefined {
  if (!isServerPlace(place)) return undefined;
  const server = place.type === "path" ? own : place.server;
  return /^https?:/i.test(server) ? (URL.parse(server)?.origin ?? server) : undefined;
}

function servicePlace(text: string): TreePlace {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "") {
    throw new CommandError(`expected a URL without ? and #, saw ${text}`);
  }
  const { namespace, path } =
    /^(?:\/ns\/(?<namespace>[^/]+))?(?<path>.*)$/.exec(decoded(url.pathname))?.groups ?? {};
  const root = withoutEnd(path ?? "");
  const fault = findPathFault(root);
  if (fault !== undefined) throw new CommandError(`expected a path in ${text}, saw none: ${fault}`);
  url.pathname = "";
  return { type: "server", name: text, server: url.href, namespace, root };
}

/** What is no percent-encoding stands for itself. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function withoutEnd(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed;
}

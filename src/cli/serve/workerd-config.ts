import { formatListenAddress, type ListenAddress } from "../listen-address.ts";
import type { Tls } from "./server-settings.ts";

/** The behaviour of the runtime that the Worker is made for; the same as in `wrangler.toml`. */
export const COMPATIBILITY_DATE = "2026-11-01";

/** Where workerd puts the objects of the one class, below the disk. Another name, and all state is lost. */
export const OBJECTS_FOLDER = "shard";

/** Built into workerd. */
const SCHEMA = "/workerd/workerd.capnp";

/** What workerd is told. All paths are absolute. */
export interface WorkerdConfig {
  /** The bundle of `src/serve.ts`. */
  readonly worker: string;
  /** A directory for the objects. */
  readonly objects: string;
  readonly http: ListenAddress;
  readonly tls: Tls | undefined;
  readonly tcp: ListenAddress | undefined;
  /** Whether {@link tls} is for TCP, too. */
  readonly isTcpTls: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of workerd's environment that are variables of the Worker: their values are not told. */
  readonly secrets: readonly string[];
}

/**
 * Writes the configuration, to be read with `--import-path /`, since files are named by where they are.
 *
 * Callers that say who they are by Cloudflare's header are not believed [SC16].
 *
 * Source: workerd `workerd.capnp`.
 */
export function formatWorkerdConfig(config: WorkerdConfig): string {
  const bindings = [
    `(name = "SHARD", durableObjectNamespace = "Shard")`,
    ...Object.entries(config.variables).map(
      ([name, value]) => `(name = ${textLiteral(name)}, text = ${textLiteral(value)})`,
    ),
    ...config.secrets.map(
      (name) => `(name = ${textLiteral(name)}, fromEnvironment = ${textLiteral(name)})`,
    ),
  ];
  return `using Workerd = import ${textLiteral(SCHEMA)};
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "serve.js", esModule = embed ${textLiteral(config.worker)})],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      bindings = [
        ${bindings.join(",\n        ")},
      ],
      durableObjectNamespaces = [(className = "Shard", uniqueKey = "${OBJECTS_FOLDER}", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"),
    )),
    (name = "disk", disk = (path = ${textLiteral(config.objects)}, writable = true)),
  ],
  sockets = [
    ${socketsOf(config).join(",\n    ")},
  ],
);
`;
}

function socketsOf({ http, tls, tcp, isTcpTls }: WorkerdConfig): string[] {
  const options = `(injectRequestHeaders = [(name = "CF-Connecting-IP")])`;
  const kind =
    tls === undefined ? `http = ${options}` : `https = (options = ${options}, ${tlsOptions(tls)})`;
  const tcpOptions = tls !== undefined && isTcpTls ? `(${tlsOptions(tls)})` : "()";
  return [
    `(name = "http", address = ${addressOf(http)}, ${kind}, service = "main")`,
    ...(tcp === undefined
      ? []
      : [`(name = "tcp", address = ${addressOf(tcp)}, tcp = ${tcpOptions}, service = "main")`]),
  ];
}

function tlsOptions({ cert, key }: Tls): string {
  const [chain, privateKey] = [textLiteral(cert), textLiteral(key)];
  return `tlsOptions = (keypair = (privateKey = embed ${privateKey}, certificateChain = embed ${chain}))`;
}

function addressOf(address: ListenAddress): string {
  return textLiteral(formatListenAddress(address));
}

/** Source: Cap'n Proto's lexer: printable ASCII as it is, every other byte of UTF-8 as `\xNN`. */
function textLiteral(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (/[ -~]/.test(character) && !/["\\]/.test(character)) return character;
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

import { isFailure, type Outcome } from "../../core/keeper-error.ts";
import { CONFIG_PATH } from "../../core/path.ts";
import type { Reply } from "../../core/request.ts";
import type { Zxid } from "../../core/zxid.ts";
import { decodeBatches } from "../../storage/log-batch.ts";
import type { Configuration, LearnerType, Member, Sid } from "../../zab/configuration.ts";
import { REGIONS } from "../../zab/ensemble-text.ts";
import type { LogRow } from "../../zab/log-row.ts";

/**
 * The data of `/zookeeper/config`, in ZooKeeper's words:
 *
 *     server.1=weur:2888:3888:participant
 *     server.4=any:2888:3888:observer
 *     version=100000003
 *
 * Where ZooKeeper names a host we name the region that the member was placed in, `any` without one:
 * members have no address. There is no client port either, so that clients which follow the
 * configuration (Curator's `EnsembleTracker`) keep the address that they have.
 *
 * Source: ZooKeeper `QuorumMaj.toString`, `QuorumPeer.QuorumServer`.
 */
export function formatConfiguration({ members, version }: Configuration): string {
  const lines = members.map(
    ({ sid, type, region = "any" }) => `server.${sid}=${region}:2888:3888:${type}`,
  );
  return [...lines, `version=${version.toString(16)}`].join("\n");
}

/** The same as bytes; the text is ASCII. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const text = formatConfiguration(configuration);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Shows the initial configuration, which came from outside and was never a txn, as the data that
 * ZooKeeper puts there at a start.
 *
 * Source: ZooKeeper `ZKDatabase.initConfigInZKDatabase`.
 */
export function showConfiguration(
  { configuration }: { readonly configuration: Configuration },
  outcome: Outcome<Reply>,
): Outcome<Reply> {
  const isHere = !isFailure(outcome) && outcome.op === "getData" && outcome.path === CONFIG_PATH;
  if (!isHere || configuration.version !== 0) return outcome;
  const data = encodeConfiguration(configuration);
  return { ...outcome, data, stat: { ...outcome.stat, dataLength: data.length } };
}

const SERVER_LINE =
  /^server\.(\d{1,3})=([^:;]+)(?::\d{1,5}){2}(?::(participant|observer))?(?:;.*)?$/;
const SID_MAX = 255;

/**
 * Reads one `server.…` line. A host that is no region says nothing; neither do ports.
 *
 * @returns undefined for anything else.
 */
export function parseMember(line: string): Member | undefined {
  const [, id = "", host = "", type = "participant"] = SERVER_LINE.exec(line.trim()) ?? [];
  const sid: Sid = Number(id);
  if (sid < 1 || sid > SID_MAX) return undefined;
  const member = { sid, type: type as LearnerType };
  return REGIONS.includes(host) ? { ...member, region: host } : member;
}

/** Reads what {@link formatConfiguration} writes; undefined for anything else. */
export function parseConfiguration(data: Uint8Array): Configuration | undefined {
  const lines = String.fromCharCode(...data).split("\n");
  const version: Zxid = Number.parseInt(
    /^version=([0-9a-f]{1,14})$/.exec(lines.pop() ?? "")?.[1] ?? "",
    16,
  );
  const members: Member[] = [];
  for (const line of lines) {
    const member = parseMember(line);
    if (member === undefined) return undefined;
    members.push(member);
  }
  if (Number.isNaN(version) || members.length === 0) return undefined;
  return { version, members };
}

/** Bytes of the batch of a reconfiguration: 255 members need a fraction of it. */
const BATCH_BYTES_MAX = 65_536;

/**
 * The configuration that a batch makes, undefined for nearly all: replication asks it of each. A
 * reconfiguration is a batch of its own, so that nothing bigger has to be read.
 *
 * @throws MalformedBytesError if the rows are no batch.
 */
export function configurationIn(rows: readonly LogRow[]): Configuration | undefined {
  const [row] = rows;
  if (row === undefined || rows.length > 1 || row.zxid !== row.lastZxid) return undefined;
  if (row.txns.length > BATCH_BYTES_MAX) return undefined;
  const [logged] = decodeBatches(rows);
  if (logged?.txn.type !== "setData" || logged.txn.path !== CONFIG_PATH) return undefined;
  const configuration = parseConfiguration(logged.txn.data ?? new Uint8Array(0));
  return configuration?.version === logged.header.zxid ? configuration : undefined;
}

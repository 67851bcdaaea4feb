import { Code, isKeeperError, type KeeperError } from "../client/index.ts";
import { CommandError } from "./command-error.ts";
import { MalformedPathError } from "./malformed-path.ts";

/** Codes that zkCli has a sentence for, up to the path. Source: zkCli `CliWrapperException`. */
const SENTENCES: Readonly<Record<number, string>> = {
  [Code.NODEEXISTS]: "Node already exists: ",
  [Code.NONODE]: "Node does not exist: ",
  [Code.NOTEMPTY]: "Node not empty: ",
  [Code.NOCHILDRENFOREPHEMERALS]: "Ephemerals cannot have children: ",
  [Code.BADVERSION]: "version No is not valid : ",
  [Code.INVALIDACL]: "Acl is not valid : ",
  [Code.NOAUTH]: "Insufficient permission : ",
  [Code.BADARGUMENTS]: "Arguments are not valid : ",
  [Code.QUOTAEXCEEDED]: "Quota has exceeded : ",
  [Code.NOTREADONLY]: "Not a read-only call: ",
};

/** Codes that zkCli has a whole sentence for. Source: zkCli `CliWrapperException`. */
const WHOLE_SENTENCES: Readonly<Record<number, string>> = {
  [Code.NEWCONFIGNOQUORUM]:
    "No quorum of new config is connected and up-to-date with the leader of last committed config" +
    " - try invoking reconfiguration after new servers are connected and synced",
  [Code.RECONFIGINPROGRESS]:
    "Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)",
};

/** Names of the other codes. Source: ZooKeeper `KeeperException.getCodeMessage`. */
const NAMES: Readonly<Record<number, string>> = {
  [Code.SYSTEMERROR]: "SystemError",
  [Code.RUNTIMEINCONSISTENCY]: "RuntimeInconsistency",
  [Code.DATAINCONSISTENCY]: "DataInconsistency",
  [Code.CONNECTIONLOSS]: "ConnectionLoss",
  [Code.MARSHALLINGERROR]: "MarshallingError",
  [Code.UNIMPLEMENTED]: "Unimplemented",
  [Code.OPERATIONTIMEOUT]: "OperationTimeout",
  [Code.INVALIDACL]: "InvalidACL",
  [Code.AUTHFAILED]: "AuthFailed",
  [Code.SESSIONEXPIRED]: "Session expired",
  [Code.SESSIONMOVED]: "Session moved",
  [Code.NOWATCHER]: "No such watcher",
  [Code.REQUESTTIMEOUT]: "Request timeout",
  [Code.RECONFIGDISABLED]: "Reconfig is disabled",
  [Code.EPHEMERALONLOCALSESSION]: "Ephemeral node on local session",
  [Code.SESSIONCLOSEDREQUIRESASLAUTH]: "Session closed because client failed to authenticate",
  [Code.THROTTLEDOP]: "Op throttled due to high load",
};

/** What is printed for a failure of the server, in zkCli's words. */
export function describeKeeperError(error: KeeperError): string {
  const whole = WHOLE_SENTENCES[error.code];
  if (whole !== undefined) return whole;
  const sentence = SENTENCES[error.code];
  return sentence === undefined ? keeperErrorCode(error) : sentence + (error.path ?? "null");
}

/** ZooKeeper's own form of a failure. Source: ZooKeeper `KeeperException.getMessage`. */
export function keeperErrorCode({ code, codeName, path }: KeeperError): string {
  const where = path === undefined || path === "" ? "" : ` for ${path}`;
  return `KeeperErrorCode = ${NAMES[code] ?? codeName}${where}`;
}

/**
 * What is printed for something thrown, and with which exit code the command ends.
 *
 * @returns undefined for what is no failure of the user, the server or the network: our own bug.
 */
export function errorText(error: unknown): { text: string; exitCode: number } | undefined {
  if (isKeeperError(error)) return { text: describeKeeperError(error), exitCode: 1 };
  if (error instanceof CommandError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof MalformedPathError) return { text: error.message, exitCode: 1 };
  // What the client says of servers and options that make no sense.
  return error instanceof RangeError ? { text: error.message, exitCode: 1 } : undefined;
}

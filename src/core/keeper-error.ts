/**
 * Error codes of the service, with ZooKeeper's numbers and names, and the value that carries one.
 *
 * Source: ZooKeeper `KeeperException.Code`.
 */
export const Code = {
  OK: 0,
  SYSTEMERROR: -1,
  RUNTIMEINCONSISTENCY: -2,
  DATAINCONSISTENCY: -3,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATIONTIMEOUT: -7,
  BADARGUMENTS: -8,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  REQUESTTIMEOUT: -122,
  RECONFIGDISABLED: -123,
  SESSIONCLOSEDREQUIRESASLAUTH: -124,
  QUOTAEXCEEDED: -125,
  THROTTLEDOP: -127,
} as const;

/** One of the numbers in {@link Code}. */
export type Code = (typeof Code)[keyof typeof Code];

/** The name of a code, as `KeeperException.Code` spells it. */
export type CodeName = keyof typeof Code;

const NAMES = new Map<number, CodeName>(
  (Object.entries(Code) as [CodeName, Code][]).map(([name, code]) => [code, name]),
);

/** Returns ZooKeeper's name for a code, or undefined for a number that is none. */
export function findCodeName(code: number): CodeName | undefined {
  return NAMES.get(code);
}

/**
 * Why a request was refused: an ordinary value, never thrown inside the server.
 *
 * `message` names what was expected and what was seen; `path` is the znode at fault. Only `code`
 * is logged, the rest travels to the client that asked.
 */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly path?: string;
  /** What the request asked for, where that is one value: a version, a limit. */
  readonly expected?: string | number;
  /** What the server has instead. */
  readonly seen?: string | number;
  /** Which part of a multi failed, counted from 0; the others were not done. */
  readonly failedAt?: number;
}

/** A value, or the reason why there is none. Tell them apart with {@link isFailure}. */
export type Outcome<T> = T | Failure;

/** Tells a {@link Failure} from a value; no value in this code base has a negative `code`. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** Builds a {@link Failure}. */
export function failure(
  code: Code,
  message: string,
  details: Omit<Failure, "code" | "message"> = {},
): Failure {
  return { code, message, ...details };
}

/** What a server says of one of its connections. */
export interface ConnectionReading {
  /** `0x…` */
  readonly session: string;
  /** Address and port of the client. */
  readonly client: string;
  /** Requests received since it was opened, heartbeats with them. */
  readonly requests: number;
  /** Requests that wait for their answers. */
  readonly queued: number;
  /** A code of four letters: GETD, SETD, PING, … */
  readonly lastOperation: string;
  readonly averageMs: number;
  readonly maxMs: number;
  /** Since it was opened. */
  readonly ageMs: number;
  readonly timeoutMs: number;
  /** Undefined where nobody tells. */
  readonly ephemerals: number | undefined;
}

/** What a server says of itself; what it keeps for itself is undefined. */
export interface ServerReading {
  /** `host:port`, a URL, or the number of a member of an ensemble. */
  readonly server: string;
  readonly mode?: string | undefined;
  readonly zxid?: string | undefined;
  /** Requests received since it started, those of whoever asks with them. */
  readonly requests?: number | undefined;
  /** Of all requests since it started, milliseconds. */
  readonly latency?: { readonly min: number; readonly average: number; readonly max: number };
  readonly connections?: number | undefined;
  readonly sessions?: number | undefined;
  readonly watches?: number | undefined;
  readonly znodes?: number | undefined;
  readonly ephemerals?: number | undefined;
  readonly outstanding?: number | undefined;
  /** Transactions behind the leader of its ensemble. */
  readonly lag?: number | undefined;
  /** Undefined where nobody tells: not the same as none. */
  readonly connectionList?: readonly ConnectionReading[] | undefined;
  /** Why something is missing, each in a line. */
  readonly notes: readonly string[];
}

/** Everything that was read at one time. */
export interface Reading {
  /** Of a clock that only goes on. */
  readonly atMs: number;
  readonly servers: readonly ServerReading[];
}

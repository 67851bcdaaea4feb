/**
 * Every limit of the service, by name. A request over one is refused with the limit's name, its
 * value and what was seen.
 */
export const LIMITS = {
  /** Bytes of data of one znode, and of one request frame; ZooKeeper's `jute.maxbuffer`. */
  DATA_BYTES_MAX: 1_048_575,
  /** Sub-ops of a multi, nodes of a recursive delete, ephemerals of one session. */
  TXN_NODES_MAX: 10_000,
  /** Data, paths and ACLs of one txn, bytes. */
  TXN_BYTES_MAX: 4_194_304,
  /** Names in one page of children over HTTP and JSON. */
  CHILDREN_PAGE_MAX: 10_000,
  /** UTF-16 code units of all identities of one connection: they are kept with its socket. */
  CONNECTION_IDS_LENGTH_MAX: 4_096,
  /** Watches of one connection. */
  CONNECTION_WATCHES_MAX: 10_000,
  /** Watches of all connections of a shard. */
  SHARD_WATCHES_MAX: 100_000,
  /** Sessions of a shard. */
  SESSIONS_MAX: 100_000,
  /** Requests of one connection that were not answered yet. */
  OUTSTANDING_REQUESTS_MAX: 10_000,
  /** Requests in one JSON message. */
  JSON_BATCH_MAX: 1_000,
  /** Bytes of one JSON message: a batch of data in base64. */
  JSON_MESSAGE_BYTES_MAX: 8_388_608,
  /** Bytes waiting to be sent to one connection before it is closed. */
  SEND_BUFFER_BYTES_MAX: 4_194_304,
  /** Bytes of an `Idempotency-Key`. */
  IDEMPOTENCY_KEY_BYTES_MAX: 64,
  /** How long an idempotency key is remembered, milliseconds. */
  IDEMPOTENCY_MS: 600_000,
  /** UTF-16 code units of a path; ZooKeeper's only limit is the frame. */
  PATH_LENGTH_MAX: 65_535,
  /** Entries of one ACL. */
  ACL_ENTRIES_MAX: 1_000,
  /** How long a container stays after its last child went, milliseconds. */
  CONTAINER_CHECK_MS: 60_000,
} as const;

/** The limits a test may lower. */
export type Limits = { readonly [K in keyof typeof LIMITS]: number };

import { z } from "@hono/zod-openapi";

/**
 * The shapes of JSON bodies as the documentation shows them. The codec of the protocol decides what
 * is read and written; a test holds the two together.
 */

export const statSchema = z
  .object({
    czxid: z.string().openapi({ description: "zxid of the create", example: "0x1a" }),
    mzxid: z.string().openapi({ description: "zxid of the last change of the data" }),
    pzxid: z.string().openapi({ description: "zxid of the last create or delete of a child" }),
    ctime: z.number().openapi({ description: "time of the create, ms since 1970" }),
    mtime: z
      .number()
      .openapi({ description: "time of the last change of the data, ms since 1970" }),
    version: z.int().openapi({ description: "changes of the data" }),
    cversion: z.int().openapi({ description: "changes of the children" }),
    aversion: z.int().openapi({ description: "changes of the ACL" }),
    ephemeralOwner: z.string().openapi({ description: 'id of the owning session, or `"0"`' }),
    dataLength: z.int().openapi({ description: "bytes" }),
    numChildren: z.int(),
  })
  .openapi("Stat");

const data = {
  data: z.string().nullable().openapi({ description: "text, or base64 as `encoding` says" }),
  encoding: z.literal("base64").optional(),
};
const path = z.string().openapi({ description: "path of the znode", example: "/app/config" });

export const changedSchema = z
  .object({ path, stat: statSchema, created: z.literal(true).optional() })
  .openapi("Changed");

export const znodeSchema = z.object({ path, ...data, stat: statSchema }).openapi("Znode");

export const childrenSchema = z
  .object({
    path,
    children: z.array(z.string()).openapi({ description: "names, in order" }),
    entries: z
      .array(
        z.object({
          name: z.string(),
          stat: statSchema.optional(),
          data: data.data.optional(),
          encoding: data.encoding,
        }),
      )
      .optional()
      .openapi({ description: "with `stat` or `data`: the children that may be read" }),
    stat: statSchema,
    more: z.literal(true).optional().openapi({ description: "names follow; see `Link`" }),
  })
  .openapi("Children");

const aclEntrySchema = z
  .object({
    scheme: z.enum(["world", "auth", "digest", "ip", "x509"]),
    id: z.string(),
    perms: z.string().openapi({ description: "letters of `cdrwa`", example: "cdrwa" }),
  })
  .openapi("AclEntry");

export const aclBodySchema = z.object({ acl: z.array(aclEntrySchema) }).openapi("Acl");

export const aclSchema = z
  .object({ path, acl: z.array(aclEntrySchema), stat: statSchema })
  .openapi("ZnodeAcl");

const eventSchema = z
  .object({
    event: z.enum(["NodeCreated", "NodeDeleted", "NodeDataChanged", "NodeChildrenChanged"]),
    path,
    zxid: z.string(),
  })
  .openapi("Event");

export const pollSchema = z
  .object({
    path,
    zxid: z.string().openapi({ description: "the `since` of the next request" }),
    events: z.array(eventSchema).openapi({ description: "empty if the time was up" }),
  })
  .openapi("Changes");

const version = z.int().optional().openapi({ description: "absent: any" });

export const multiBodySchema = z
  .object({
    ops: z.array(
      z.discriminatedUnion("op", [
        z.object({
          op: z.literal("create"),
          path,
          data: data.data.optional(),
          encoding: data.encoding,
          mode: z
            .enum([
              "PERSISTENT",
              "EPHEMERAL",
              "PERSISTENT_SEQUENTIAL",
              "EPHEMERAL_SEQUENTIAL",
              "CONTAINER",
              "PERSISTENT_WITH_TTL",
              "PERSISTENT_SEQUENTIAL_WITH_TTL",
            ])
            .optional(),
          ttl: z.int().optional(),
          acl: z.array(aclEntrySchema).optional(),
        }),
        z.object({ op: z.literal("setData"), path, ...data, version }),
        z.object({ op: z.literal("delete"), path, version }),
        z.object({ op: z.literal("check"), path, version }),
      ]),
    ),
  })
  .openapi("Multi", {
    example: {
      ops: [
        { op: "check", path: "/app/config", version: 7 },
        { op: "create", path: "/app/config/a", data: "1" },
      ],
    },
  });

export const multiSchema = z
  .object({
    results: z.array(z.object({ op: z.string(), path, stat: statSchema.optional() })),
  })
  .openapi("MultiResults");

export const sessionBodySchema = z
  .object({
    timeout: z
      .number()
      .optional()
      .openapi({ description: "milliseconds; negotiated to 4,000 to 600,000", example: 30_000 }),
  })
  .openapi("SessionRequest");

export const sessionSchema = z
  .object({
    id: z.string().openapi({ description: "hex, as `ephemeralOwner` shows it" }),
    token: z
      .string()
      .optional()
      .openapi({ description: "for the header `Session`; a secret, shown once" }),
    timeout: z.number().openapi({ description: "negotiated, milliseconds" }),
    expiresIn: z.number().openapi({ description: "milliseconds, if nobody keeps it alive" }),
    connected: z.boolean().openapi({ description: "a WebSocket or TCP connection serves it" }),
    ephemerals: z.int(),
  })
  .openapi("Session");

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: "what was expected and what was seen" }),
    code: z.string().openapi({ description: "ZooKeeper's name", example: "NONODE" }),
    number: z.int().openapi({ description: "ZooKeeper's number", example: -101 }),
    path: path.optional(),
    expected: z.union([z.string(), z.number()]).optional(),
    seen: z.union([z.string(), z.number()]).optional(),
    index: z.int().optional().openapi({ description: "the part of a multi that failed" }),
  })
  .openapi("Problem");

const memberSchema = z
  .object({
    id: z.int(),
    type: z
      .enum(["participant", "observer", "none"])
      .openapi({ description: "`none`: it is not, or no longer, in the configuration" }),
    region: z.string().optional(),
    state: z.enum(["LOOKING", "FOLLOWING", "LEADING", "OBSERVING", "UNREACHABLE"]),
    reason: z.string().optional().openapi({ description: "why it can't be reached" }),
    zab: z.enum(["election", "discovery", "synchronization", "broadcast"]).optional(),
    leader: z.int().nullable().optional().openapi({ description: "whom it follows" }),
    acceptedEpoch: z.int().optional(),
    currentEpoch: z.int().optional(),
    zxid: z.string().optional().openapi({ description: "applied", example: "0x100000001" }),
    loggedZxid: z.string().optional(),
    committedZxid: z.string().optional(),
    lag: z.int().optional().openapi({ description: "transactions behind the leader" }),
    synced: z.boolean().optional(),
    sessions: z.int().optional(),
    connections: z.int().optional(),
  })
  .openapi("Member");

export const ensembleSchema = z
  .object({
    namespace: z.string(),
    leader: z.int().nullable(),
    epoch: z.int().nullable(),
    version: z.string().openapi({ description: "of the configuration, hex" }),
    members: z.array(memberSchema),
    election: z
      .object({
        round: z.int(),
        durationMs: z.number().nullable().openapi({ description: "null while it goes on" }),
        votes: z.array(
          z.object({
            member: z.int(),
            votesFor: z.int(),
            zxid: z.string(),
            peerEpoch: z.int(),
          }),
        ),
      })
      .nullable()
      .openapi({ description: "the last one" }),
    warnings: z.array(z.string()),
  })
  .openapi("Ensemble");

const newMemberSchema = z.strictObject({
  id: z.int().min(1).max(255),
  region: z.string().optional().openapi({ description: "where its object is made" }),
  type: z.enum(["participant", "observer"]).default("participant"),
});

export const reconfigBodySchema = z
  .strictObject({
    joining: z.array(newMemberSchema).optional(),
    leaving: z.array(z.int().min(1).max(255)).optional(),
    members: z.array(newMemberSchema).optional().openapi({ description: "all, and no others" }),
    version: z
      .string()
      .regex(/^[0-9a-f]{1,14}$/)
      .optional()
      .openapi({ description: "of the configuration that it is meant for, hex; without it any" }),
  })
  .openapi("Reconfiguration");

export const configurationSchema = z
  .object({
    version: z.string().openapi({ description: "hex" }),
    configuration: z.string().openapi({ description: "the data of `/zookeeper/config`" }),
  })
  .openapi("Configuration");

export const statusSchema = z
  .object({
    zxid: z.string(),
    checkpointZxid: z.string(),
    znodes: z.int(),
    ephemerals: z.int(),
    sessions: z.int(),
    connections: z.int(),
    watches: z.int(),
    outstandingRequests: z.int(),
    dirtyNodes: z.int(),
    dirtyBytes: z.int(),
    cacheBytes: z.int(),
    counters: z.record(z.string(), z.number()),
  })
  .openapi("Status");

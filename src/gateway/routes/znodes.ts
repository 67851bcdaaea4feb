import { z } from "@hono/zod-openapi";
import { LIMITS } from "../../core/limits.ts";
import { WAIT_MS_MAX } from "../long-poll.ts";
import { duration, flag, integer, text, zxid } from "../query.ts";
import { COMMON_HEADERS, CONSISTENCY_HEADER, IDEMPOTENCY_HEADER } from "../request-headers.ts";
import { defineRoute, type HeaderParameter, type Route } from "../route.ts";
import {
  aclBodySchema,
  aclSchema,
  changedSchema,
  childrenSchema,
  pollSchema,
  znodeSchema,
} from "../schemas.ts";
import { deleteZnode, postZnode, putZnode } from "./change-znode.ts";
import { CREATE_FLAGS } from "./create-flags.ts";
import { getZnode } from "./read-znode.ts";

const IF_MATCH: HeaderParameter = {
  name: "If-Match",
  description: 'an ETag, a bare version `"7"`, or `*` for any',
  example: '"7-1a"',
};
const ACL: HeaderParameter = {
  name: "Acl",
  description: "ACL of the new znode; default `world:anyone:cdrwa`",
  example: "digest:bob:SXNd5Q0YTS9yJrXxQUy2Mvoe5iA=:cdrwa,ip:10.0.0.0/8:r",
};

/** `/znodes/{path}`: the tree itself. */
export const ZNODE_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/znodes/{path}",
    access: "read",
    tag: "Znodes",
    summary: "Read a znode, its children or its ACL, or watch it",
    description:
      "Without a flag: the data, byte for byte, with the Stat in `Znode-*` headers; HEAD asks " +
      "whether it exists. With `children`, `acl`, `watch` or `wait`: that view of it. `watch` " +
      "is a stream of server-sent events, first `state`, then each change; `wait` answers the " +
      "next change.",
    query: z.object({
      children: flag("list the children, in pages"),
      limit: integer(
        [1, LIMITS.CHILDREN_PAGE_MAX],
        "CHILDREN_PAGE_MAX",
        "names in a page of `children`",
      ),
      after: text("only children behind this name"),
      stat: flag("with the Stat of each child"),
      data: flag("with the data of each child"),
      acl: flag("the ACL"),
      watch: z
        .enum(["", "data", "children", "recursive"])
        .transform((kind) => (kind === "" ? "data" : kind))
        .optional()
        .openapi({
          type: "string",
          enum: ["data", "children", "recursive"],
          description: "stream the changes of the data, of the children, or of the whole subtree",
          param: { allowEmptyValue: true },
        }),
      wait: duration(WAIT_MS_MAX, "WAIT_MS_MAX", "wait so long for the next change"),
      since: zxid("for `watch` and `wait`: begin with the changes after this zxid"),
    }),
    headers: [
      ...COMMON_HEADERS,
      CONSISTENCY_HEADER,
      { name: "If-None-Match", description: "ETags that need no answer", example: '"7-1a"' },
      { name: "Last-Event-ID", description: "resumes a stream; wins over `since`" },
    ],
    answers: {
      200: {
        description: "the data; with `Accept: application/json` and for views, JSON",
        schema: z.union([znodeSchema, childrenSchema, aclSchema, pollSchema]),
      },
      304: { description: "one of the ETags is the current one" },
    },
    handle: getZnode,
  }),
  defineRoute({
    method: "PUT",
    path: "/znodes/{path}",
    access: "write",
    tag: "Znodes",
    summary: "Create a znode, or change its data or ACL",
    description:
      "Creates. With `If-Match`: sets the data. With `upsert`: sets it or creates. With `acl`: " +
      "replaces the ACL by a JSON body. The body is the data, byte for byte.",
    query: z.object({
      ...CREATE_FLAGS,
      upsert: flag("set the data if the znode exists, otherwise create it"),
      acl: flag("replace the ACL; `If-Match` holds its version then"),
    }),
    headers: [...COMMON_HEADERS, IDEMPOTENCY_HEADER, IF_MATCH, ACL],
    body: { type: "application/octet-stream", schema: aclBodySchema },
    answers: {
      200: { description: "changed", schema: changedSchema },
      201: { description: "created; `Location` has its URL", schema: changedSchema },
    },
    handle: putZnode,
  }),
  defineRoute({
    method: "POST",
    path: "/znodes/{path}",
    access: "write",
    tag: "Znodes",
    summary: "Create a sequential znode",
    description:
      "As PUT with `seq`: the path, which may end in a slash, gets the parent's next number.",
    query: z.object(CREATE_FLAGS),
    headers: [...COMMON_HEADERS, IDEMPOTENCY_HEADER, ACL],
    body: { type: "application/octet-stream" },
    answers: {
      201: { description: "created; `path` and `Location` have the number", schema: changedSchema },
    },
    handle: postZnode,
  }),
  defineRoute({
    method: "DELETE",
    path: "/znodes/{path}",
    access: "write",
    tag: "Znodes",
    summary: "Delete a znode",
    description:
      "It must have no children, or with `recursive` goes with all of them in one transaction; " +
      `a subtree of more than ${LIMITS.TXN_NODES_MAX} znodes is refused.`,
    query: z.object({ recursive: flag("delete everything below it too") }),
    headers: [...COMMON_HEADERS, IDEMPOTENCY_HEADER, IF_MATCH],
    answers: { 204: { description: "deleted" } },
    handle: deleteZnode,
  }),
];

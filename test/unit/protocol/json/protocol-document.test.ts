import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../../src/core/acl.ts";
import { Code } from "../../../../src/core/keeper-error.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import type { Stat } from "../../../../src/core/stat.ts";
import type { ConnectionCodec } from "../../../../src/protocol/connection-codec.ts";
import { decodeMessage } from "../../../../src/protocol/json/decode-message.ts";
import { encodeConnected, encodeEvent, encodeReply } from "../../../../src/protocol/json/encode.ts";
import { NO_XID } from "../../../../src/protocol/json/messages.ts";
import { Outbound } from "../../../../src/protocol/outbound.ts";

const DOCUMENT = readFileSync(new URL("../../../../docs/PROTOCOL.md", import.meta.url), "utf8");

/** Lines of the fenced blocks of one side, each a whole message. */
function linesOf(side: "client" | "server"): string[] {
  const blocks = DOCUMENT.matchAll(/^```jsonl (\w+)\n(.*?)^```$/gmsu);
  return [...blocks].flatMap(([, of, text]) =>
    of === side ? (text ?? "").trim().split("\n") : [],
  );
}

/** Operations that have a heading of their own. */
const HEADINGS = [...DOCUMENT.matchAll(/^##+ ([a-z]\w+)$/gmu)].map((match) => match[1] ?? "");

const STAT: Stat = {
  czxid: 7,
  mzxid: 7,
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_000,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0,
  dataLength: 0,
  numChildren: 0,
  pzxid: 7,
};

const PASSWORD = Uint8Array.from({ length: 16 }, (_, i) => i);
const SESSION = { id: 0x5b1e, password: PASSWORD, timeoutMs: 10_000, member: 0 };
const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** What the server must have had in hand to say what the document shows, in its order. */
const SERVER_LINES: readonly string[] = [
  encodeConnected(NO_XID, 1, SESSION),
  encodeConnected(NO_XID, 1, undefined),
  encodeReply(
    2,
    8,
    {
      code: Code.BADVERSION,
      message: "expected version 7, saw 9",
      path: "/a",
      expected: 7,
      seen: 9,
    },
    false,
  ),
  encodeEvent({ type: 1, path: "/a", zxid: 7 }),
  encodeReply(2, 7, { op: "create", path: "/a", stat: STAT }, true),
  encodeReply(1, 7, { op: "create", path: "/a", stat: { ...STAT, dataLength: 5 } }, false),
  encodeReply(1, 8, { op: "delete", path: "/a" }, false),
  encodeReply(
    2,
    7,
    { op: "setData", path: "/b", stat: { ...STAT, ephemeralOwner: 0x5b1e }, created: true },
    false,
  ),
  encodeReply(
    1,
    9,
    {
      op: "multi",
      results: [
        { op: "check", path: "/a" },
        { op: "create", path: "/a/b", stat: { ...STAT, czxid: 9, mzxid: 9, pzxid: 9 } },
        { op: "delete", path: "/c" },
      ],
    },
    false,
  ),
  encodeReply(1, 9, { code: Code.NONODE, message: "no znode", path: "/c", failedAt: 2 }, false),
  encodeReply(1, 10, { op: "closeSession" }, false),
  encodeReply(
    1,
    9,
    { op: "getData", path: "/a", data: PNG_SIGNATURE, stat: { ...STAT, dataLength: 8 } },
    false,
  ),
  encodeReply(
    1,
    9,
    {
      op: "getChildren",
      path: "/jobs",
      children: [{ name: "job-0000000002" }, { name: "job-0000000003" }],
      stat: STAT,
      more: true,
    },
    false,
  ),
  encodeReply(1, 9, { op: "getACL", path: "/a", acl: OPEN_ACL_UNSAFE, stat: STAT }, false),
  encodeReply(1, 9, { op: "multiRead", results: [{ op: "error", code: Code.NONODE }] }, false),
  encodeReply(1, 9, { op: "getEphemerals", paths: ["/workers/1"] }, false),
  encodeReply(1, 9, { op: "getAllChildrenNumber", totalNumber: 3 }, false),
  encodeReply(1, 9, { op: "whoAmI", ids: [{ scheme: "ip", id: "127.0.0.1" }] }, false),
  encodeEvent({ type: 3, path: "/a", zxid: -1 }),
  encodeReply(1, 9, { op: "setWatches" }, false),
];

test("[JS23] every line of a client is decoded", () => {
  const decoded = linesOf("client").flatMap((line) => decodeMessage(line, LIMITS));

  expect(decoded.filter(({ kind }) => kind === "invalid")).toEqual([]);
  expect(decoded.length).toBeGreaterThan(20);
});

test("[JS23] every line of the server is encoded as it stands", () => {
  expect(linesOf("server")).toEqual(SERVER_LINES);
});

test("[JS23] every operation has a heading and an example", () => {
  const [refused] = decodeMessage('{"id":1,"op":"?"}', LIMITS);
  const expected = refused?.kind === "invalid" ? String(refused.failure.expected) : "";
  const known = expected.replace("one of ", "").split(", ").toSorted();
  const shown = linesOf("client").map((line) => (JSON.parse(line) as { readonly op: string }).op);

  expect(known).toContain("create");
  expect([...new Set(shown)].toSorted()).toEqual(known);
  expect(HEADINGS.toSorted()).toEqual(known);
});

/** A codec with one message to send, of a length. */
function codecOfLength(length: number): ConnectionCodec {
  return {
    subprotocol: "fake",
    isPaced: true,
    isCut: false,
    length,
    receive: () => [],
    reply: () => undefined,
    connected: () => undefined,
    event: () => undefined,
    take: () => " ".repeat(length),
  };
}

test("[DO16] an acknowledgement is asked for as often as the document says of both protocols", () => {
  const stated = [...DOCUMENT.matchAll(/asked for\s+behind every (\d+) KiB/gu)];
  const lengths = stated.map(([, kib]) => Number(kib) * 1_024);
  const asksBehind = (length: number) => new Outbound(codecOfLength(length), LIMITS).take()[1];

  expect(lengths).toHaveLength(2);
  for (const length of lengths) {
    expect(asksBehind(length)).toBe(`ack ${length}`);
    expect(asksBehind(length - 1)).toBeUndefined();
  }
});

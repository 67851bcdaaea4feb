import { LIMITS } from "../../src/core/limits.ts";
import type { Reply } from "../../src/core/request.ts";
import type { Stat } from "../../src/core/stat.ts";
import { decodeBase64, encodeBase64 } from "../../src/protocol/base64.ts";
import { decodeMessage } from "../../src/protocol/json/decode-message.ts";
import { encodeReply, joinMessages } from "../../src/protocol/json/encode.ts";

/** How long each case runs before it is measured, and while it is, milliseconds. */
const WARM_UP_MS = 300;
const MEASURE_MS = 1_000;

const CREATE =
  '{"id":1,"op":"create","path":"/jobs/job-","data":"hello","mode":"EPHEMERAL_SEQUENTIAL"}';
const GET_DATA = '{"id":1,"op":"getData","path":"/jobs/job-0000000001","watch":true}';
const CREATE_WITH_ACL =
  '{"id":1,"op":"create","path":"/a","data":"aGVsbG8=","encoding":"base64","acl":[{"scheme":"world","id":"anyone","perms":"cdrwa"}],"idempotencyKey":"6fb1c0de"}';

const STAT: Stat = {
  czxid: 0x1234567,
  mzxid: 0x1234567,
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_000,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0x5b1e_1234_5678,
  dataLength: 5,
  numChildren: 0,
  pzxid: 0x1234567,
};
const CREATED: Reply = { op: "create", path: "/jobs/job-0000000001", stat: STAT };
const READ: Reply = {
  op: "getData",
  path: "/jobs/job-0000000001",
  data: new TextEncoder().encode("hello"),
  stat: STAT,
};
const BINARY: Reply = {
  op: "getData",
  path: "/a",
  data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
  stat: STAT,
};

const MEGABYTE = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7) & 255);
const MEGABYTE_TEXT = encodeBase64(MEGABYTE);

/** Runs a case for a while and prints how many of its units one core does in a second. */
function measure(name: string, unitsPerRun: number, run: () => unknown): void {
  runFor(WARM_UP_MS, run);
  const { runs, elapsedMs } = runFor(MEASURE_MS, run);
  const perSecond = Math.round((runs * unitsPerRun * 1_000) / elapsedMs);
  console.log(`${name.padEnd(44)} ${perSecond.toLocaleString("en").padStart(14)}/s`);
}

function runFor(ms: number, run: () => unknown): { runs: number; elapsedMs: number } {
  const start = performance.now();
  let runs = 0;
  for (;;) {
    for (let i = 0; i < 50; i++) run();
    runs += 50;
    const elapsedMs = performance.now() - start;
    if (elapsedMs >= ms) return { runs, elapsedMs };
  }
}

/** Measures the JSON codec, requests or answers a second on one core. */
export function benchJsonCodec(): void {
  const batch = `[${Array.from({ length: 100 }, () => CREATE).join(",")}]`;
  const decode = (text: string) => () => decodeMessage(text, LIMITS);
  const encode = (reply: Reply) => () => encodeReply(1, 0x1234567, reply, false);
  measure("JSON.parse alone, create", 1, () => JSON.parse(CREATE));
  measure("decode create", 1, decode(CREATE));
  measure("decode create, 100 in a message", 100, decode(batch));
  measure("decode create with ACL, base64, key", 1, decode(CREATE_WITH_ACL));
  measure("decode getData", 1, decode(GET_DATA));
  measure("encode answer to create", 1, encode(CREATED));
  measure("encode answer to getData, text", 1, encode(READ));
  measure("encode answer to getData, binary", 1, encode(BINARY));
  const parts = Array.from({ length: 100 }, encode(CREATED));
  measure("join 100 answers", 100, () => joinMessages(parts));
  measure("encode base64, MB", 1, () => encodeBase64(MEGABYTE));
  measure("decode base64, MB", 1, () => decodeBase64(MEGABYTE_TEXT));
}

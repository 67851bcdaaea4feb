import { encodeHandshake, newSession } from "../connection.ts";
import { Random } from "../fuzz/random.ts";
import { frame, OPCODE, Writer } from "../wire.ts";

/**
 * Requests that must not reach Apache ZooKeeper 3.8.0: it never answers a check by itself, runs a
 * deleteContainer, and dies of a TTL create with foreign flags. A close makes what follows it a race.
 */
const FORBIDDEN: ReadonlySet<number> = new Set([
  OPCODE.check,
  20,
  OPCODE.createTTL,
  OPCODE.closeSession,
  OPCODE.sasl,
  OPCODE.auth,
]);

/** A conversation with a few bytes changed, of a seed. */
export function generateStream(seed: number): Buffer {
  const random = new Random(seed);
  for (;;) {
    const stream = mutate(conversation(random), random);
    if (!isForbidden(stream)) return stream;
  }
}

function conversation(random: Random): Buffer {
  const frames = [frame(encodeHandshake(newSession(10_000)))];
  for (let xid = 1; xid <= 1 + random.below(5); xid += 1) {
    frames.push(frame(new Writer().int(xid).raw(someRequest(random)).toBuffer()));
  }
  return Buffer.concat(frames);
}

function someRequest(random: Random): Buffer {
  const path = random.pick(["/zookeeper", "/zookeeper/none", "/"]);
  const writer = new Writer();
  const ofPath = (type: number) => writer.int(type).bytes(path);
  switch (random.below(7)) {
    case 0:
      return ofPath(OPCODE.getData).bool(random.oneIn(2)).toBuffer();
    case 1:
      return ofPath(OPCODE.getChildren2).bool(random.oneIn(2)).toBuffer();
    case 2:
      return ofPath(OPCODE.exists).bool(random.oneIn(2)).toBuffer();
    case 3:
      return ofPath(OPCODE.sync).toBuffer();
    case 4:
      return writer.int(OPCODE.ping).toBuffer();
    case 5:
      return writer.int(OPCODE.setWatches).long(1n).int(0).int(1).bytes(path).int(0).toBuffer();
    default:
      return ofPath(OPCODE.addWatch).int(random.below(2)).toBuffer();
  }
}

function mutate(stream: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(stream);
  const changes = random.below(4);
  for (let change = 0; change < changes && bytes.length > 0; change += 1) {
    const at = random.below(bytes.length);
    switch (random.below(4)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
        break;
      default: {
        const noise = Buffer.from(
          Array.from({ length: 1 + random.below(8) }, () => random.below(256)),
        );
        bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
      }
    }
  }
  return bytes;
}

/** Whether a server that reads the stream frame by frame would come across a forbidden request. */
function isForbidden(stream: Buffer): boolean {
  let at = 0;
  let isHandshake = true;
  while (at + 12 <= stream.length) {
    const length = stream.readInt32BE(at);
    if (length < 0) return false;
    if (!isHandshake && FORBIDDEN.has(stream.readInt32BE(at + 8))) return true;
    isHandshake = false;
    at += 4 + length;
  }
  return false;
}

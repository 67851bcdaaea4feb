import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeConnectRequest } from "../../../../src/protocol/jute/connect.ts";
import { decodeRequest } from "../../../../src/protocol/jute/decode-request.ts";
import { FrameJoiner } from "../../../../src/protocol/jute/frame.ts";
import { InputArchive } from "../../../../src/protocol/jute/input-archive.ts";
import { NativeServer } from "./native-server.ts";

interface Frame {
  readonly isClients: boolean;
  /** Without its length. */
  readonly bytes: Buffer;
}

interface Exchange {
  readonly name: string;
  readonly frames: Frame[];
}

function parse(text: string): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, side, prefix = "", rest = ""] =
      /^ {2}([CS])> ([0-9a-f]{8}) ([0-9a-f]*)$/.exec(line) ?? [];
    if (side === undefined) {
      exchanges.push({ name: line, frames: [] });
      continue;
    }
    const bytes = Buffer.from(rest, "hex");
    expect(bytes).toHaveLength(Number.parseInt(prefix, 16));
    exchanges.at(-1)?.frames.push({ isClients: side === "C", bytes });
  }
  return exchanges.filter(({ frames }) => frames.length > 0);
}

const vectors = new URL("golden-vectors.txt", import.meta.url);
const exchanges = parse(readFileSync(vectors, "utf8"));

/** The clock of the capture: times on both sides look alike and are compared as such. */
const CAPTURE_MS = 0x1a2_0116_b900;

const CONNECTING = new Set(["connect", "connect no-ro", "unknown op"]);

/** Hides what differs from run to run: times, session ids, passwords, the zxid of an event. */
function comparable(frame: Buffer, isHandshake: boolean): string {
  const hex = frame.toString("hex");
  if (isHandshake)
    return `${hex.slice(0, 16)} session ${hex.slice(32, 40)} password ${hex.slice(72)}`;
  const isEvent = hex.startsWith("ffffffff");
  const shown = isEvent ? `ffffffff zxid ${hex.slice(24)}` : hex;
  return shown.replaceAll(/000001a20116b9[0-9a-f]{2}/g, " time ");
}

/** A set of ids has no order, Java's depends on hashes: puts those of a whoAmI in order. */
function withSortedIds(frame: Buffer): string {
  const archive = new InputArchive(frame.subarray(16));
  const ids = archive.vector(8, () => `${archive.string()}:${archive.string()}`) ?? [];
  return `${frame.toString("hex", 0, 16)} ${ids.toSorted().join(" ")} ${archive.remaining}`;
}

function show(name: string, frames: readonly Buffer[]): string[] {
  if (name === "whoami") return frames.map(withSortedIds);
  return frames.map((frame, index) => comparable(frame, CONNECTING.has(name) && index === 0));
}

describe("captured exchanges with Apache ZooKeeper", () => {
  test("[JU1] every frame of a client is decoded", () => {
    const kinds = exchanges.flatMap(({ name, frames }) =>
      frames
        .filter(({ isClients }) => isClients)
        .map(({ bytes }, index) =>
          CONNECTING.has(name) && index === 0
            ? typeof decodeConnectRequest(bytes)
            : decodeRequest(bytes).kind,
        ),
    );

    const requests = exchanges.length - CONNECTING.size;
    expect(kinds.filter((kind) => kind === "request")).toHaveLength(requests);
    expect(kinds.filter((kind) => kind === "object")).toHaveLength(CONNECTING.size);
    expect(kinds.filter((kind) => kind === "unimplemented")).toHaveLength(1);
    expect(kinds).toHaveLength(25);
  });

  test("[JU1][OR2] each is answered byte for byte, but for times, ids and zxids of events", () => {
    const server = new NativeServer(CAPTURE_MS);
    const first = server.open();
    const answered = exchanges.map(({ name, frames }, index) => {
      const connection = index > 0 && CONNECTING.has(name) ? server.open() : first;
      const sent = frames.filter(({ isClients }) => isClients);
      const seen = sent.flatMap(({ bytes }) => server.send(connection, bytes));
      return { name, seen: show(name, seen) };
    });

    const captured = exchanges.map(({ name, frames }) => {
      const replies = frames.filter(({ isClients }) => !isClients).map(({ bytes }) => bytes);
      return { name, seen: show(name, replies) };
    });
    expect(answered).toEqual(captured);
    expect(server.isClosed(first)).toBe(true);
  });

  test("[JU2] the whole capture as one stream comes apart into its frames", () => {
    const sent = exchanges.flatMap(({ frames }) => frames).map(({ bytes }) => bytes);
    const stream = Buffer.concat(
      sent.map((bytes) => {
        const length = Buffer.alloc(4);
        length.writeInt32BE(bytes.length);
        return Buffer.concat([length, bytes]);
      }),
    );
    const joiner = new FrameJoiner();
    const pieces = Array.from({ length: Math.ceil(stream.length / 7) }, (_, index) =>
      joiner.push(stream.subarray(index * 7, index * 7 + 7)),
    );

    expect(Buffer.concat(pieces.map(({ frames }) => frames))).toEqual(stream);
    expect(joiner.isAtBoundary).toBe(true);
  });
});

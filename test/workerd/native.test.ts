import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { OpCode, Xid } from "../../src/protocol/jute/op-code.ts";
import { WatchAttachment } from "../../src/shard/watch-attachment.ts";
import { Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { restoreClock, shiftClock, sleepUntilAlarm } from "./clock.ts";
import { create, framesBytes, NativeClient, read, request } from "./native-client.ts";
import { observe } from "./worker.ts";

beforeEach(shiftClock);
afterEach(restoreClock);

/** What clients of ZooKeeper number these requests with. */
const AUTH_XID = -4;
const SET_WATCHES_XID = -8;

const header =
  (xid: number, type: number) =>
  (archive: { int(value: number): void }): void => {
    archive.int(xid);
    archive.int(type);
  };

const join = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** What the only socket of a shard keeps of its codec. */
function isCut({ stub }: ShardUnderTest): Promise<boolean | undefined> {
  return runInDurableObject(stub, (_, ctx) => {
    const [socket] = ctx.getWebSockets();
    return socket === undefined ? undefined : WatchAttachment.read(socket)?.isCut;
  });
}

describe("a native connection", () => {
  it("[NA1] takes frames cut anywhere, answers in order, and gets one message a flush", async () => {
    const client = await NativeClient.connect(openShard());
    const bytes = join(create(1, "/a"), create(2, "/a"), read(3, OpCode.getData, "/a", false));
    const before = client.messages;

    client.socket.send(bytes.slice(0, 50));
    client.socket.send(bytes.slice(50));
    await eventually(() => expect(client.frames).toHaveLength(3));

    expect(client.headers).toEqual([
      [1, 2, 0],
      [2, 3, -110],
      [3, 3, 0],
    ]);
    expect(client.messages - before).toBeLessThanOrEqual(2);
  });

  it("[NA1] shares its tree with clients of the other protocol", async () => {
    const shard = openShard();
    const [native, json] = [await NativeClient.connect(shard), await Client.open(shard)];
    await json.request({ op: "exists", path: "/a", watch: true });

    await native.ask(create(1, "/a"));

    await eventually(() => expect(json.events).toMatchObject([{ event: "NodeCreated" }]));
    expect((await json.must({ op: "getData", path: "/a" })).data).toBe("x");
  });

  it("[NA2] negotiates a timeout of 4 to 40 s", async () => {
    const shard = openShard();
    const granted = [];
    for (const timeoutMs of [1, 10_000, 1_000_000]) {
      granted.push((await NativeClient.connect(shard, { timeoutMs })).connected?.timeoutMs);
    }
    expect(granted).toEqual([4_000, 10_000, 40_000]);
  });

  it("[NA9] is closed behind the refusal of an operation that is none, and hears no more", async () => {
    const client = await NativeClient.connect(openShard());
    client.socket.send(join(framesBytes(header(1, 9_999)), create(2, "/a")));

    await eventually(() => expect(client.close).toBeDefined());
    expect(client.headers).toEqual([[1, -1, -6]]);
  });

  it("[NA9] is closed behind a failed authentication, whose answers have the zxid 0", async () => {
    const client = await NativeClient.connect(openShard());
    const auth = (scheme: string, text: string) =>
      framesBytes((archive) => {
        header(AUTH_XID, OpCode.auth)(archive);
        archive.int(0);
        archive.string(scheme);
        archive.buffer(new TextEncoder().encode(text));
      });
    client.socket.send(join(auth("digest", "bob:pw"), auth("kerberos", "x")));

    await eventually(() => expect(client.close).toBeDefined());
    expect(client.headers).toEqual([
      [AUTH_XID, 0, 0],
      [AUTH_XID, 0, -115],
    ]);
  });

  it("[NA10] that sends a text is closed, and nobody else", async () => {
    const shard = openShard();
    const [bad, good] = [await NativeClient.connect(shard), await NativeClient.connect(shard)];
    bad.socket.send('{"op":"create"}');

    await eventually(() => expect(bad.close?.reason).toContain("binary message"));
    expect((await good.ask(create(1, "/a"))).code).toBe(0);
  });

  it("[NA10] that sends no handshake first is closed without an answer", async () => {
    const client = await NativeClient.open(openShard());
    client.socket.send(framesBytes(header(1, OpCode.ping)));

    await eventually(() => expect(client.close).toBeDefined());
    expect(client.messages).toBe(0);
  });

  it("[NA11] that leaves more than SEND_BUFFER_BYTES_MAX of events unread is closed", async () => {
    const shard = openShard();
    observe(shard.name).limits = { ...LIMITS, SEND_BUFFER_BYTES_MAX: 10_000 };
    const [deaf, other] = [await NativeClient.connect(shard), await NativeClient.connect(shard)];
    await deaf.ask(request(1, OpCode.addWatch, "/", (archive) => archive.int(1)));
    deaf.isAcknowledging = false;

    const name = "a".repeat(1_000);
    for (let xid = 1; xid < 40; xid += 1) await other.ask(create(xid, `/${name}${xid}`));

    await eventually(() => expect(deaf.close?.reason).toContain("SEND_BUFFER_BYTES_MAX"));
    expect(other.close).toBeUndefined();
  });

  it("[NA21] that does not read is served no more reads until it does, in order", async () => {
    const shard = openShard();
    observe(shard.name).limits = { ...LIMITS, SEND_BUFFER_BYTES_MAX: 40_000 };
    const client = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 0, 1_000));
    client.isAcknowledging = false;

    const reads = Array.from({ length: 98 }, (_, n) => read(n + 2, OpCode.getData, "/a", false));
    const last = [read(101, OpCode.exists, "/c", false), create(102, "/c")];
    client.socket.send(join(create(100, "/b"), ...reads, ...last));
    await client.ping();
    await eventually(() => expect(client.frames.length).toBeGreaterThan(5));
    expect(client.frames.length).toBeLessThan(15);
    client.acknowledge();

    await eventually(() => expect(client.frames).toHaveLength(102));
    const xids = [1, 100, ...reads.map((_, n) => n + 2), 101, 102];
    expect(client.frames.map(({ xid }) => xid)).toEqual(xids);
    expect(client.headers.slice(-2).map(([, , code]) => code)).toEqual([-101, 0]);
  });

  it("[NA21] that still waits when the shard goes to sleep is closed", async () => {
    const shard = openShard();
    observe(shard.name).limits = { ...LIMITS, SEND_BUFFER_BYTES_MAX: 40_000 };
    const client = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 0, 1_000));
    client.isAcknowledging = false;
    const reads = Array.from({ length: 98 }, (_, n) => read(n + 2, OpCode.getData, "/a", false));
    client.socket.send(join(...reads));
    await eventually(async () => expect(await isCut(shard)).toBe(true));

    await evictDurableObject(shard.stub, { webSockets: "hibernate" });
    await shard.api.status();

    await eventually(() => expect(client.close?.code).toBe(4004));
  });
});

describe("a session", () => {
  it("[NA5] is taken over by a second connection, and the first is closed", async () => {
    const shard = openShard();
    const first = await NativeClient.connect(shard);
    await first.ask(create(1, "/a", 1));

    const second = await NativeClient.connect(shard, { session: first.session });

    expect(second.session).toEqual(first.session);
    await eventually(() => expect(first.close).toBeDefined());
    expect((await second.ask(read(1, OpCode.exists, "/a", false))).code).toBe(0);
  });

  it("[NA6] with a wrong password is answered with zeros, and its owner stays", async () => {
    const shard = openShard();
    const owner = await NativeClient.connect(shard);
    const session = { id: owner.session.id, password: new Uint8Array(16) };

    const thief = await NativeClient.connect(shard, { session });

    expect(thief.connected).toEqual({
      timeoutMs: 0,
      session: { id: 0, password: new Uint8Array(16) },
    });
    await eventually(() => expect(thief.close).toBeDefined());
    expect((await owner.ask(create(1, "/a"))).code).toBe(0);
  });

  it("[NA6] of a client that saw a later zxid is refused without an answer", async () => {
    const client = await NativeClient.open(openShard());
    client.shake({ lastZxidSeen: 1_000 });

    await eventually(() => expect(client.close).toBeDefined());
    expect(client.messages).toBe(0);
  });

  it("[NA7] that is closed is answered behind the deletion of its ephemerals, then closed", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    const other = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 1));

    client.socket.send(framesBytes(header(2, OpCode.closeSession)));
    await eventually(() => expect(client.close).toBeDefined());

    expect(client.headers.at(-1)).toEqual([2, 4, 0]);
    expect((await other.ask(read(1, OpCode.exists, "/a", false))).code).toBe(-101);
  });

  it("[NA4] that is silent expires: closed without a word, and over when it comes back", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 1));
    const before = client.messages;

    expect(await sleepUntilAlarm(shard, 13_000)).toBe(true);
    await eventually(() => expect(client.close).toBeDefined());

    expect(client.messages).toBe(before);
    const again = await NativeClient.connect(shard, { session: client.session });
    expect(again.connected?.timeoutMs).toBe(0);
  });

  it("[NA4] lives while the pump's heartbeats come, also in a shard that sleeps", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 1));
    await evictDurableObject(shard.stub, { webSockets: "hibernate" });
    await client.ping();
    observe(shard.name).lastHeartbeatMs = () => Date.now();
    const before = observe(shard.name).messages;

    for (let n = 0; n < 5; n += 1) expect(await sleepUntilAlarm(shard, 14_000)).toBe(true);

    expect(observe(shard.name).messages).toBe(before);
    expect((await client.ask(read(2, OpCode.exists, "/a", false))).code).toBe(0);
  });
});

describe("an event", () => {
  it("[NA8] of a client's own write is ahead of the reply to it", async () => {
    const client = await NativeClient.connect(openShard());
    await client.ask(read(1, OpCode.exists, "/a", true));

    await client.ask(create(2, "/a"));

    expect(client.headers.slice(1)).toEqual([
      [Xid.notification, 2, 0],
      [2, 2, 0],
    ]);
    expect(client.events).toEqual([[1, "/a"]]);
  });

  it("[NA8] that setWatches makes up is ahead of the reply to it", async () => {
    const client = await NativeClient.connect(openShard());
    await client.ask(create(1, "/a"));
    const setWatches = framesBytes((archive) => {
      header(SET_WATCHES_XID, OpCode.setWatches)(archive);
      archive.long(1);
      archive.vector(["/a", "/gone"], (into, path) => into.string(path));
      archive.vector([], () => undefined);
      archive.vector(["/a"], (into, path) => into.string(path));
    });

    await client.ask(setWatches);

    expect(client.headers.slice(1)).toEqual([
      [Xid.notification, -1, 0],
      [Xid.notification, -1, 0],
      [Xid.notification, -1, 0],
      [SET_WATCHES_XID, 2, 0],
    ]);
    expect(client.events).toEqual([
      [3, "/a"],
      [2, "/gone"],
      [4, "/a"],
    ]);
  });
});

describe("a shard that sleeps", () => {
  it("[NA3] wakes with session, identities and watches of an idle native client", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    const other = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 1));
    await client.ask(read(2, OpCode.getData, "/a", true));
    const starts = observe(shard.name).starts;

    await evictDurableObject(shard.stub, { webSockets: "hibernate" });
    await other.ask(request(1, OpCode.delete, "/a", (archive) => archive.int(-1)));

    expect(observe(shard.name).starts).toBe(starts + 1);
    await eventually(() => expect(client.events).toEqual([[2, "/a"]]));
    expect((await client.ask(create(3, "/b", 1))).code).toBe(0);
    expect(client.close).toBeUndefined();
  });

  it("[NA3] is not woken by a native client that is idle", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    const { messages } = observe(shard.name);

    for (let n = 0; n < 3; n += 1) await client.ping();

    expect(observe(shard.name).messages).toBe(messages);
  });

  it("[NA3] closes a connection in the middle of a frame, whose session may be resumed", async () => {
    const shard = openShard();
    const client = await NativeClient.connect(shard);
    await client.ask(create(1, "/a", 1));
    client.socket.send(create(2, "/b").slice(0, 20));
    // What was heard is kept with the socket once all is quiet.
    await eventually(async () => expect(await isCut(shard)).toBe(true));

    await evictDurableObject(shard.stub, { webSockets: "hibernate" });
    client.socket.send(create(2, "/b").slice(20));

    await eventually(() => expect(client.close?.reason).toContain("the rest of a frame"));
    const again = await NativeClient.connect(shard, { session: client.session });
    expect((await again.ask(read(1, OpCode.exists, "/a", false))).code).toBe(0);
  });
});

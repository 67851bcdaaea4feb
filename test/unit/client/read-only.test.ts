import { expect, test } from "vitest";
import {
  type ConnectionState,
  type Dial,
  type Transport,
  type TransportListener,
  ZooKeeper,
} from "../../../src/client/index.ts";
import { decodeConnectRequest, encodeConnectResponse } from "../../../src/protocol/jute/connect.ts";
import { OutputArchive } from "../../../src/protocol/jute/output-archive.ts";
import { Lock } from "../../../src/recipes/index.ts";
import type { Sid } from "../../../src/zab/configuration.ts";
import { EnsembleService } from "./ensemble-service.ts";
import { FakeClock } from "./fake-clock.ts";
import { TestService } from "./test-service.ts";

const TIMEOUT_MS = 6_000;
/** A member that has lost its leader serves reads after this. */
const TICK_MS = 2_000;

/** A server without a quorum that takes every session for its own, and pings. */
function dialReadOnly(listener: TransportListener): Transport {
  queueMicrotask(() => listener.opened());
  return {
    send(frames) {
      const handshake = decodeConnectRequest(frames.subarray(4));
      if (handshake?.canBeReadOnly !== true) {
        queueMicrotask(() => listener.closed("not read-only"));
        return;
      }
      const { sessionId: id, password, timeoutMs } = handshake;
      const archive = new OutputArchive();
      const session = { id, password, timeoutMs, member: 0, isReadOnly: true };
      encodeConnectResponse(archive, handshake, session);
      queueMicrotask(() => listener.received(archive.take()));
    },
    ping: () => queueMicrotask(() => listener.pong()),
    close: () => undefined,
  };
}

interface Stage {
  /** Members that the client reaches. */
  readonly reached: readonly Sid[];
  /** Those without a quorum. */
  readonly isolated?: readonly Sid[];
}

/** Three members, of which 1 leads. */
async function start({ reached, isolated = [3] }: Stage) {
  const clock = new FakeClock();
  const service = new EnsembleService(clock, [{ scheme: "ip", id: "192.0.2.1" }]);
  for (const sid of isolated) service.isolate(sid);
  service.elect(1);
  for (const sid of [1, 2, 3]) if (!reached.includes(sid)) service.away.add(sid);
  await clock.advance(TICK_MS);
  const options = { dial: service.dial, clock, sessionTimeoutMs: TIMEOUT_MS };
  const zk = new ZooKeeper(service.servers, { ...options, canBeReadOnly: true });
  const states: ConnectionState[] = [];
  zk.onState((state) => states.push(state));
  return { clock, service, options, zk, states };
}

test("[CS15] a server without a quorum serves reads to who allows it, and the state says so", async () => {
  const { clock, zk, states } = await start({ reached: [3] });
  await clock.advance(100);

  expect(states).toEqual(["readOnly"]);
  expect((await zk.children("/")).children).toEqual(["zookeeper"]);
  await expect(zk.create("/a")).rejects.toMatchObject({ codeName: "NOTREADONLY" });
});

test("[CS15] who does not allow it waits for a server with a quorum", async () => {
  const { clock, service, options } = await start({ reached: [3] });
  const strict = new ZooKeeper(service.servers, options);
  await clock.advance(3_000);

  expect(strict.state).toBe("connecting");
});

test("[CS16] a server with a quorum is looked for and moved to, with the watches", async () => {
  const { clock, service, options, zk, states } = await start({ reached: [3] });
  await clock.advance(100);
  const heard: string[] = [];
  await zk.exists("/a", { watch: ({ type, path }) => heard.push(`${type} ${path}`) });
  const underWay = zk.get("/").catch((error: unknown) => String(error));
  service.away.clear();
  await clock.advance(10_000);
  expect(states).toEqual(["readOnly", "suspended", "connected"]);
  expect(await underWay).toMatchObject({ text: "" });

  const other = new ZooKeeper(service.servers, options);
  await other.create("/a");
  await zk.sync();

  expect(heard).toEqual(["NodeCreated /a"]);
});

test("[CS16] the search becomes rarer, up to once a minute, and reads go on meanwhile", async () => {
  const { clock, service, zk } = await start({ reached: [3] });
  await clock.advance(100);
  const triesWithin = async (ms: number): Promise<number> => {
    const before = service.dialled.length;
    await clock.advance(ms);
    return service.dialled.length - before;
  };

  const first = await triesWithin(1_000);
  await clock.advance(300_000);
  const later = await triesWithin(300_000);

  expect(first).toBeGreaterThan(2);
  // Half of each minute, because nothing is drawn.
  expect(later).toBe(10);
  expect(zk.state).toBe("readOnly");
  expect(await zk.exists("/")).toBeDefined();
});

test("[CS16] what is under way at a move fails with CONNECTIONLOSS", async () => {
  const { clock, service, zk } = await start({ reached: [3] });
  await clock.advance(100);
  const outcomes: string[] = [];
  zk.onState((state) => {
    if (state === "suspended") outcomes.push(state);
  });
  service.deaf.add(3);
  const underWay = zk.get("/").catch((error: unknown) => String(error));
  service.away.clear();
  await clock.advance(1_000);

  expect(await underWay).toBe("KeeperError: CONNECTIONLOSS for /");
  expect(outcomes).toEqual(["suspended"]);
  expect(zk.state).toBe("connected");
});

test("[CS17] a session that no quorum granted is nothing elsewhere, and no loss", async () => {
  const { clock, service, zk, states } = await start({ reached: [3] });
  await clock.advance(100);
  const before = zk.sessionId;
  service.away.clear();
  service.leave(3);
  await clock.advance(10_000);

  expect(states).toEqual(["readOnly", "suspended", "connected"]);
  expect(zk.sessionId).not.toBe(before);
  expect((await zk.create("/e", "", { ephemeral: true })).stat.ephemeralOwner).toBe(zk.sessionId);
});

test("[CS18] a session is lost at its timeout though a server without a quorum answers", async () => {
  const { clock, service, zk, states } = await start({ reached: [1], isolated: [] });
  await clock.advance(100);
  await zk.create("/e", "", { ephemeral: true });
  service.isolate(3);
  service.away.delete(3);
  service.leave(1);
  await clock.advance(TIMEOUT_MS * 4);

  expect(states).toEqual(["connected", "suspended", "lost", "readOnly"]);
  expect(await zk.exists("/")).toBeDefined();
});

/** A client with a session that loses its server, and finds one that takes every session. */
async function startBeside() {
  const clock = new FakeClock();
  const service = new TestService(clock);
  const dial: Dial = (server, listener) =>
    service.mood === "refusing" ? dialReadOnly(listener) : service.dial(server, listener);
  const options = { dial, clock, sessionTimeoutMs: TIMEOUT_MS, canBeReadOnly: true };
  const zk = new ZooKeeper("one:1", options);
  await zk.sync();
  const fall = (): void => {
    service.mood = "refusing";
    service.cut();
  };
  return { clock, zk, fall };
}

test("[CS18] so is one that such a server took over, as ZooKeeper's do; reads go on", async () => {
  const { clock, zk, fall } = await startBeside();
  const states: [ConnectionState, bigint | undefined][] = [];
  const { sessionId } = zk;
  zk.onState((state) => states.push([state, zk.sessionId]));
  fall();
  await clock.advance(TIMEOUT_MS - 1);
  expect(zk.state).toBe("readOnly");
  await clock.advance(1);

  expect(states).toEqual([
    ["suspended", sessionId],
    ["readOnly", sessionId],
    ["lost", undefined],
    ["readOnly", undefined],
  ]);
});

test("[CS18] what is held over suspensions is held until then", async () => {
  const { clock, zk, fall } = await startBeside();
  const held = await new Lock(zk, "/lock", { onSuspension: "keep" }).acquire();
  fall();
  await clock.advance(TIMEOUT_MS - 1);
  expect(held.isHeld).toBe(true);
  await clock.advance(1);

  expect(held.lost.reason).toMatchObject({ codeName: "SESSIONEXPIRED" });
});

test("[CS16] closing ends the search", async () => {
  const { clock, service, zk } = await start({ reached: [3] });
  await clock.advance(100);
  await zk.close();
  const before = service.dialled.length;
  await clock.advance(200_000);

  expect(service.dialled).toHaveLength(before);
  expect(zk.state).toBe("closed");
});

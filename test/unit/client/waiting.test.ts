import { describe, expect, test } from "vitest";
import type { MissedEvents, Watcher, WatchEvent } from "../../../src/client/index.ts";
import { watchStream } from "../../../src/client/watch-stream.ts";
import { settled } from "./fake-clock.ts";
import { twoClients } from "./two-clients.ts";

const described = (event: WatchEvent | MissedEvents): string => `${event.type} ${event.path}`;

describe("waitFor", () => {
  test("[CW13] resolves when the znode is as wanted, however many changes that takes", async () => {
    const { zk, other } = await twoClients();
    const waiting = zk.waitFor("/a", (stat) => (stat?.version ?? 0) >= 2);
    await other.create("/a");
    await other.set("/a", "1");
    await other.set("/a", "2");

    expect(await waiting).toMatchObject({ version: 2 });
    expect(await zk.waitFor("/a")).toMatchObject({ version: 2 });
  });

  test("[CW13] goes on over a lost connection", async () => {
    const { clock, service, zk, other } = await twoClients();
    const waiting = zk.waitFor("/a");
    await settled();
    service.cut();
    await clock.advance(10);
    await other.create("/a");

    expect(await waiting).toMatchObject({ version: 0 });
  });

  test("[CW14] rejects with the signal's reason, and when the client is closed", async () => {
    const { zk } = await twoClients();
    const abort = new AbortController();
    const aborted = zk.waitFor("/a", undefined, { signal: abort.signal });
    const closed = zk.waitFor("/a");
    abort.abort(new Error("enough"));

    await expect(aborted).rejects.toThrow("enough");
    await Promise.all([zk.close(), expect(closed).rejects.toThrow("SESSIONEXPIRED")]);
  });
});

describe("watch", () => {
  test("[CW15] yields every change in order, until the loop is left", async () => {
    const { zk, other } = await twoClients();
    const seen: string[] = [];
    const done = (async () => {
      for await (const event of zk.watch("/a", { recursive: true })) {
        seen.push(described(event));
        if (event.type === "NodeDeleted") return;
      }
    })();
    await settled();
    await other.create("/a");
    await other.create("/a/b");
    await other.delete("/a/b");
    await done;
    await other.create("/a/c");
    await zk.sync();

    expect(seen).toEqual(["NodeCreated /a", "NodeCreated /a/b", "NodeDeleted /a/b"]);
  });

  test("[CW16] tells after a reconnect that changes may have been missed", async () => {
    const { clock, service, zk, other } = await twoClients();
    const events = zk.watch("/a");
    const first = events.next();
    await settled();
    service.cut();
    await clock.advance(10);
    expect(await first).toMatchObject({ value: { type: "Missed", path: "/a" } });
    const second = events.next();
    await other.create("/a");

    expect(await second).toMatchObject({ value: { type: "NodeCreated" } });
    await events.return();
  });

  test("[CW14] a stream ends with the signal's reason, or with the client", async () => {
    const { zk } = await twoClients();
    const abort = new AbortController();
    const aborted = zk.watch("/a", { signal: abort.signal }).next();
    const closed = zk.watch("/a").next();
    await settled();
    abort.abort(new Error("enough"));

    await expect(aborted).rejects.toThrow("enough");
    await Promise.all([zk.close(), expect(closed).rejects.toThrow("SESSIONEXPIRED")]);
  });

  test("[CW14] a stream ends with its signal also where there is no connection", async () => {
    const { service, zk } = await twoClients();
    service.mood = "refusing";
    service.cut();
    const abort = new AbortController();
    const first = zk.watch("/a", { signal: abort.signal }).next();
    await settled();
    abort.abort(new Error("enough"));

    await expect(first).rejects.toThrow("enough");
  });

  test("[CW14] a closed client has no streams", async () => {
    const { zk } = await twoClients();
    await zk.close();

    await expect(zk.watch("/a").next()).rejects.toThrow("SESSIONEXPIRED");
  });

  test("[CW15] a stream begins over a lost connection, too", async () => {
    const { clock, service, zk, other } = await twoClients();
    const first = zk.watch("/a").next();
    await Promise.resolve();
    service.cut();
    await clock.advance(10);
    await other.create("/a");

    expect((await first).value).toMatchObject({ type: "Missed" });
  });

  test("[CW19] a stream ends with THROTTLEDOP when its consumer falls 100,000 events behind", async () => {
    let tell: Watcher | undefined;
    const source = {
      state: "connected" as const,
      addWatch: (_path: string, watcher: Watcher) => {
        tell = watcher;
        return Promise.resolve(() => Promise.resolve());
      },
      onState: () => () => undefined,
    };
    const stream = watchStream(source, "/a", {});
    const first = stream.next();
    await settled();
    const fall = (events: number): void => {
      for (let zxid = 1; zxid <= events; zxid += 1) {
        tell?.({ type: "NodeDataChanged", path: "/a", zxid });
      }
    };
    fall(1);
    expect((await first).value).toMatchObject({ zxid: 1 });
    fall(100_000);
    expect((await stream.next()).value).toMatchObject({ zxid: 1 });
    fall(2);

    await expect(stream.next()).rejects.toMatchObject({ codeName: "THROTTLEDOP", path: "/a" });
  });
});

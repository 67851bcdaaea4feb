import { describe, expect, test } from "vitest";
import type { MissedEvents, WatchEvent } from "../../../src/client/index.ts";
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
});

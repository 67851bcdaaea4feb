import { describe, expect, test } from "vitest";
import { sessionOptionsOf } from "../../../src/client/client-options.ts";
import { Code, KeeperError, ZooKeeper } from "../../../src/client/index.ts";
import { Session, WAITING_MAX } from "../../../src/client/session.ts";
import type { Dial, TransportListener } from "../../../src/client/transport.ts";
import { FakeClock, settled } from "./fake-clock.ts";
import { TestService } from "./test-service.ts";
import { twoClients } from "./two-clients.ts";

/** What a promise failed with. */
async function failureOf(promise: Promise<unknown>): Promise<KeeperError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KeeperError) return error;
  throw new Error(`expected a KeeperError, saw ${String(error)}`);
}

describe("a failure", () => {
  test("[CS19] has the code, the path as the caller named it, and the words of both", async () => {
    const { other, options } = await twoClients();
    await other.create("/app");
    const zk = new ZooKeeper("one:1/app", options);

    const failure = await failureOf(zk.get("/a"));

    expect(failure).toMatchObject({ codeName: "NONODE", code: -101, path: "/a", cause: undefined });
    expect(failure.message).toBe("NONODE for /a");
  });

  test("[CS19] that no server told has its cause", async () => {
    const { service, zk } = await twoClients();
    const underWay = failureOf(zk.get("/"));
    await Promise.resolve();
    service.cut();

    const { codeName, cause } = await underWay;

    expect(codeName).toBe("CONNECTIONLOSS");
    expect(cause).toEqual(new Error("cut"));
  });

  test("[CS19] also when the session is lost, or the client closed", async () => {
    const { clock, service, zk, other } = await twoClients();
    service.mood = "refusing";
    service.cut();
    const waiting = failureOf(zk.get("/"));
    await clock.advance(6_000);
    await other.close();

    expect((await waiting).cause).toEqual(new Error("expected a connection within 6000 ms"));
    expect((await failureOf(other.get("/"))).cause).toEqual(new Error("the client is closed"));
  });
});

describe("limits", () => {
  test("[CS20] a request that is too long fails alone, before it is sent", async () => {
    const { service, zk } = await twoClients();
    await zk.create("/a");
    service.pieces.length = 0;
    const before = zk.set("/a", "1");
    const tooLong = failureOf(zk.set("/a", new Uint8Array(1_048_575)));
    const behind = zk.get("/a");

    const { codeName, cause } = await tooLong;

    expect(codeName).toBe("BADARGUMENTS");
    expect(cause).toEqual(new Error("expected a request of at most 1048575 bytes, saw 1048597"));
    expect([(await before).version, (await behind).text]).toEqual([1, "1"]);
    expect(service.pieces).toHaveLength(1);
    expect(zk.state).toBe("connected");
  });

  test("[CS20] how long it may be is an option", async () => {
    const { options } = await twoClients();
    const zk = new ZooKeeper("one:1", { ...options, requestBytesMax: 100 });
    await zk.create("/a", "x".repeat(40));

    expect((await failureOf(zk.set("/a", "x".repeat(90)))).codeName).toBe("BADARGUMENTS");
  });

  test("[CS21] so many requests may wait; one more fails at once with THROTTLEDOP", async () => {
    const clock = new FakeClock();
    const { dial } = new TestService(clock);
    const { chroot: _, ...options } = sessionOptionsOf("one:1", { dial, clock });
    const nobody = { stateChanged: () => undefined, event: () => undefined };
    const session = new Session(options, { ...nobody, watchesToSet: () => [] });
    const codes: number[] = [];
    for (let index = 0; index <= WAITING_MAX; index += 1) {
      void session.request({ op: "whoAmI" }, ({ code }) => codes.push(code));
    }

    expect(codes).toEqual([Code.THROTTLEDOP]);
  });

  test.each([-1, 64 * 1_048_576 + 1])(
    "[CS22] a server that announces a frame of %i bytes is left",
    async (length) => {
      const clock = new FakeClock();
      const service = new TestService(clock);
      let listener: TransportListener | undefined;
      const dial: Dial = (server, told) => {
        listener = told;
        return service.dial(server, told);
      };
      const zk = new ZooKeeper("one:1", { dial, clock });
      await zk.sync();
      const underWay = failureOf(zk.get("/"));
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setInt32(0, length);
      listener?.received(bytes);

      expect(((await underWay).cause as Error).message).toContain(`saw a length of ${length}`);
      await settled();
      expect(zk.state).toBe("suspended");
    },
  );
});

import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { observe } from "./worker.ts";

function logRows(shard: ShardUnderTest): number {
  return observe(shard.name).statements.filter((sql) => /INTO log\b/.test(sql)).length;
}

it("[DO17] requests that arrive in one turn share a log row, whoever sent them", async () => {
  const shard = openShard();
  const clients = await Promise.all(Array.from({ length: 8 }, () => Client.open(shard)));
  const before = logRows(shard);

  await Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: 25 }, (_, n) => client.must({ op: "create", path: `/${index}-${n}` })),
    ),
  );

  expect(logRows(shard) - before).toBeLessThan(50);
});

it("[DO17] a connection gets one message for all answers of a flush, in the order sent", async () => {
  const shard = openShard();
  const client = await Client.open(shard);
  const parts = Array.from({ length: 100 }, (_, n) => ({ id: n + 1, op: "create", path: `/${n}` }));
  const before = logRows(shard);

  client.socket.send(JSON.stringify(parts));
  await eventually(() => expect(client.messages).toHaveLength(1));

  expect(logRows(shard) - before).toBe(1);
  const answers = JSON.parse(client.messages[0] ?? "") as { id: number }[];
  expect(answers.map(({ id }) => id)).toEqual(parts.map(({ id }) => id));
});

it("[DO17] a lone request is answered in the turn of its message", async () => {
  const shard = openShard();
  await Client.open(shard);

  await eventually(async () => {
    const rows = await runInDurableObject(shard.stub, (instance, ctx) => {
      const [socket] = ctx.getWebSockets();
      const message = JSON.stringify({
        id: 1,
        op: "create",
        path: "/a-",
        mode: "PERSISTENT_SEQUENTIAL",
      });
      const before = logRows(shard);
      if (socket !== undefined) void instance.webSocketMessage?.(socket, message);
      return logRows(shard) - before;
    });
    // The turn in which the socket was opened may still be under way.
    expect(rows).toBe(1);
  });
});

import { afterAll, expect, test } from "vitest";
import { type ConnectionState, ZooKeeper } from "../../src/client/index.ts";
import { cleanUp } from "./clean-up.ts";
import { poll } from "./poll.ts";
import { Service } from "./service.ts";

afterAll(cleanUp);

test("[CS15][CS16] an ensemble that loses its majority serves reads, and its client writes again after", async () => {
  const service = await Service.start(["--var", "ENSEMBLE:3"]);
  const order = async (members: readonly number[], what: "start" | "stop"): Promise<void> => {
    for (const sid of members) {
      await fetch(`${service.base}/ensemble/members/${sid}/${what}`, { method: "POST" });
    }
  };
  await fetch(`${service.base}/znodes/a`, { method: "PUT", body: "x" });
  await order([2, 3], "stop");

  const reader = new ZooKeeper(service.base, { canBeReadOnly: true });
  const states: ConnectionState[] = [];
  reader.onState((state) => states.push(state));
  const read = await reader.get("/a");
  const refused = reader.set("/a", "y").catch((error: unknown) => String(error));
  expect([read.text, reader.state]).toEqual(["x", "readOnly"]);
  expect(await refused).toBe("KeeperError: NOTREADONLY for /a");

  await order([2, 3], "start");
  await poll("there is a majority again", () => (reader.state === "connected" ? true : undefined));
  expect((await reader.set("/a", "y")).version).toBe(1);
  expect(states).toEqual(["readOnly", "suspended", "connected"]);
  await reader.close();
});

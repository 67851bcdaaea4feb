import { ZooKeeper } from "../../../src/client/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { TestService } from "./test-service.ts";

/** A service and two clients of it that are connected, on one clock. */
export async function twoClients() {
  const clock = new FakeClock();
  const service = new TestService(clock);
  const options = { dial: service.dial, clock, sessionTimeoutMs: 6_000 };
  const zk = new ZooKeeper("one:1", options);
  const other = new ZooKeeper("one:1", options);
  await Promise.all([zk.sync(), other.sync()]);
  return { clock, service, options, zk, other };
}

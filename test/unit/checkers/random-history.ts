import { OPEN_ACL_UNSAFE, Perms } from "../../../src/core/acl.ts";
import type { MultiOp, Request } from "../../../src/core/request.ts";
import type { History } from "../../simulation/history.ts";
import { Prng } from "../../simulation/prng.ts";
import { ReferenceService, type Wire } from "./reference-service.ts";

const PATHS = ["/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/deep", "/q"] as const;

/** Runs clients against the reference service, overlapping at random: the history is a good one. */
export function randomHistory(seed: number, operationCount: number): History {
  const rng = new Prng(seed, "random-history");
  const service = new ReferenceService();
  const open = (client: number): Wire =>
    service.connect({
      client,
      door: client % 3 === 0 ? "linearizable" : "ordered",
      sid: client % 3 === 0 ? 1 : rng.between(1, 3),
      ids: [{ scheme: "ip", id: `10.0.0.${client}` }],
    });
  const wires = Array.from({ length: 8 }, (_, client) => open(client));
  let asked = 0;
  while (asked < operationCount) {
    const client = rng.int(wires.length);
    const wire = wires[client];
    if (wire === undefined) continue;
    switch (rng.weighted({ ask: 3, execute: 5, deliver: 6, apply: 4, move: 0.02, end: 0.01 })) {
      case "ask":
        if (wire.asked.length > 4) break;
        service.ask(wire, randomRequest(rng, asked));
        asked += 1;
        break;
      case "execute":
        service.execute(wire);
        break;
      case "deliver":
        service.deliver(wire);
        break;
      case "apply":
        service.apply(rng.between(1, 3));
        break;
      case "move": {
        service.cut(wire);
        const resume = wire.record.session?.id ?? 0;
        const { door, ids } = wire.record;
        const sid = door === "linearizable" ? 1 : rng.between(1, 3);
        wires[client] = service.connect({ client, door, sid, ids, resume });
        break;
      }
      default:
        service.cut(wire);
        service.step(30_000_000);
        service.expire(wire);
        service.step(1_000_000);
        wires[client] = open(client);
    }
  }
  service.settle();
  return service.history();
}

function randomRequest(rng: Prng, number: number): Request {
  const path = rng.pick(PATHS);
  const data = new TextEncoder().encode(String(number));
  const watch = rng.chance(0.3);
  const version = rng.chance(0.7) ? -1 : rng.int(3);
  const acl = rng.chance(0.9)
    ? OPEN_ACL_UNSAFE
    : [
        { perms: Perms.ALL & ~Perms.READ, id: { scheme: "world", id: "anyone" } },
        { perms: Perms.READ, id: { scheme: "ip", id: `10.0.0.${rng.int(8)}` } },
      ];
  const create = (flags: number): MultiOp => ({ op: "create", path, data, acl, flags, ttlMs: 0 });
  const kind = rng.weighted({
    create: 5,
    ephemeral: 2,
    sequential: 2,
    setData: 5,
    delete: 3,
    multi: 2,
    getData: 6,
    exists: 3,
    getChildren2: 4,
    addWatch: 0.5,
    removeWatches: 0.4,
    deleteRecursive: 0.2,
  });
  switch (kind) {
    case "create":
      return create(0) as Request;
    case "ephemeral":
      return create(1) as Request;
    case "sequential":
      return { ...create(rng.pick([2, 3])), path: `${path}/n-` } as Request;
    case "setData":
      return { op: "setData", path, data, version };
    case "delete":
      return { op: "delete", path, version };
    case "deleteRecursive":
      return { op: "deleteRecursive", path, version };
    case "multi":
      return {
        op: "multi",
        ops: [create(0), { op: "setData", path: rng.pick(PATHS), data, version }, create(2)],
      };
    case "addWatch":
      return { op: "addWatch", path, mode: rng.int(2) };
    case "removeWatches":
      return { op: "removeWatches", path, type: 3 };
    default:
      return { op: kind, path, watch };
  }
}

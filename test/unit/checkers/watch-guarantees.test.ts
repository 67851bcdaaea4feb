import { describe, expect, it } from "vitest";
import type { WatchedEvent } from "../../../src/core/request.ts";
import { checkWatchGuarantees } from "../../simulation/checkers/watch-guarantees.ts";
import type { Delivery, History, Violation } from "../../simulation/history.ts";
import { type Mutable, ReferenceService, type Wire } from "./reference-service.ts";
import {
  addWatch,
  children,
  create,
  exists,
  FLAGS,
  get,
  remove,
  removeWatches,
  SECRET,
  set,
} from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

const CREATED = 1;
const DELETED = 2;
const DATA_CHANGED = 3;
const CHILDREN_CHANGED = 4;

type Deliveries = Mutable<Delivery>[];

/** Ann changes, Bob watches; there is `/a`. */
class Story {
  readonly service = new ReferenceService();
  readonly ann: Wire = this.service.connect({ client: 0 });
  bob: Wire = this.service.connect({ client: 1 });

  constructor() {
    this.service.do(this.ann, create("/a"));
  }

  /** Ends with an answer to Bob, so that everything before it must have come. */
  end(): History {
    this.service.settle();
    this.service.do(this.bob, { op: "ping" });
    return this.service.history();
  }

  good(): readonly Violation[] {
    return checkWatchGuarantees(this.end());
  }

  /** What is found when Bob's deliveries are tampered with. */
  bad(change: (deliveries: Deliveries) => void): readonly Violation[] {
    const { id } = this.bob.record;
    const history = spoil(this.end(), ({ connections }) =>
      change(connections[id]?.deliveries ?? []),
    );
    return checkWatchGuarantees(history);
  }

  /** The events that Bob got, as `[type, path]`. */
  told(): [number, string][] {
    return this.bob.record.deliveries.flatMap((delivery) =>
      delivery.type === "event"
        ? [[delivery.event.type, delivery.event.path] as [number, string]]
        : [],
    );
  }

  /** The zxid of Ann's last txn. */
  zxid(): number {
    return this.service.history().txns.at(-1)?.header.zxid ?? 0;
  }
}

function isEvent(type: number, path: string): (delivery: Mutable<Delivery>) => boolean {
  return (one) => one.type === "event" && one.event.type === type && one.event.path === path;
}

/** Takes an event out, wherever it is. */
function drop(deliveries: Deliveries, type: number, path: string): Mutable<Delivery> | undefined {
  const at = deliveries.findIndex(isEvent(type, path));
  return at < 0 ? undefined : deliveries.splice(at, 1)[0];
}

/** Puts an event in front of the last delivery. */
function insert(deliveries: Deliveries, event: WatchedEvent): void {
  deliveries.splice(-1, 0, { type: "event", atUs: 0, event } as Mutable<Delivery>);
}

describe("watches", () => {
  it("[WG1] finds events in another order than their changes", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 0));
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.ann, create("/a/x"));

    expect(story.good()).toEqual([]);
    const violations = story.bad((deliveries) => {
      const first = drop(deliveries, DATA_CHANGED, "/a");
      if (first !== undefined) deliveries.splice(-1, 0, first);
    });
    expect(rulesOf(violations)).toContain("WG1");
  });

  it("[WG1] finds events of one txn in another order than its changes", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 0));
    story.service.do(story.ann, { op: "multi", ops: [set("/a", "1"), create("/a/x")] });

    expect(story.good()).toEqual([]);
    const violations = story.bad((deliveries) => {
      const at = deliveries.findIndex(isEvent(DATA_CHANGED, "/a"));
      deliveries.push(...deliveries.splice(at, 1), ...deliveries.splice(at + 1));
    });
    expect(rulesOf(violations)).toContain("WG1");
  });

  it("[WG2] finds a standard watch that fires twice", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.ann, set("/a", "2"));

    expect(story.good()).toEqual([]);
    const again = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, again)))).toEqual(["WG2"]);
  });

  it("[WG2] finds one event that comes twice", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));
    const again = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;

    expect(rulesOf(story.bad((deliveries) => insert(deliveries, again)))).toContain("WG2");
  });

  it("[WG3] finds something between the events of one txn", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 1));
    story.service.do(story.ann, { op: "multi", ops: [set("/a", "1"), create("/a/x")] });
    story.service.do(story.ann, set("/a", "2"));

    expect(story.good()).toEqual([]);
    const violations = story.bad((deliveries) => {
      const last = deliveries.findLastIndex(isEvent(DATA_CHANGED, "/a"));
      const [moved] = deliveries.splice(last, 1);
      if (moved !== undefined) deliveries.splice(last - 1, 0, moved);
    });
    expect(rulesOf(violations)).toContain("WG3");
  });

  it("[WG3] finds a txn of which some events came and some did not", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.bob, exists("/b", true));
    story.service.do(story.ann, { op: "multi", ops: [set("/a", "1"), create("/b")] });

    expect(story.good()).toEqual([]);
    expect(rulesOf(story.bad((deliveries) => drop(deliveries, CREATED, "/b")))).toEqual(["WG3"]);
  });

  it("[WG4] finds a watch that was not told, although a later answer came", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));

    expect(story.good()).toEqual([]);
    const violations = story.bad((deliveries) => drop(deliveries, DATA_CHANGED, "/a"));
    expect(rulesOf(violations)).toEqual(["WG4"]);
    expect(violations[0]?.message).toMatch(
      /never came .*\n.*setData \/a\n.*data watch on \/a.*\n.*but then came .*ping/,
    );
  });

  it("[WG4] finds it also when nothing came behind it but the connection lasts", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));
    story.service.healedUs = story.service.step();
    story.service.step(60_000_000);

    expect(rulesOf(checkWatchGuarantees(story.service.history()))).toEqual(["WG4"]);
  });

  it("[WG4] lets a connection that is lost miss what was under way", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));
    story.service.cut(story.bob);

    expect(checkWatchGuarantees(story.service.history())).toEqual([]);
  });

  it("[WG5] finds an event that came to a connection that may not READ", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, { op: "setACL", path: "/a", acl: SECRET, version: -1 });
    story.service.do(story.ann, set("/a", "1"));

    expect(story.good()).toEqual([]);
    expect(story.told()).toEqual([]);
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG5");
  });

  it("[WG6] finds an answer that shows a change before its event", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.bob, get("/a"));

    expect(story.good()).toEqual([]);
    const violations = story.bad((deliveries) => {
      const event = drop(deliveries, DATA_CHANGED, "/a");
      if (event !== undefined) deliveries.splice(-1, 0, event);
    });
    expect(rulesOf(violations)).toEqual(["WG6"]);
  });

  it("[WG7] finds an event of a watch that was removed", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.bob, removeWatches("/a"));
    story.service.do(story.ann, set("/a", "1"));

    expect(story.good()).toEqual([]);
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG7");
  });

  it("[WG8] finds setWatches that does not make up for what was missed, or makes up more", () => {
    const story = new Story();
    story.service.do(story.ann, create("/b"));
    const relativeZxid = story.zxid();
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.bob, {
      op: "setWatches",
      relativeZxid,
      dataWatches: ["/a", "/b"],
      existWatches: ["/c"],
      childWatches: ["/gone"],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    });
    story.service.do(story.ann, create("/c"));
    story.service.do(story.ann, set("/b", "1"));

    expect(story.good()).toEqual([]);
    expect(story.told()).toEqual([
      [DATA_CHANGED, "/a"],
      [DELETED, "/gone"],
      [CREATED, "/c"],
      [DATA_CHANGED, "/b"],
    ]);
    const lost = story.bad((deliveries) => drop(deliveries, DATA_CHANGED, "/a"));
    expect(rulesOf(lost)).toEqual(["WG8"]);
    const event = { type: CREATED, path: "/c", zxid: -1 } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toEqual(["WG8"]);
  });

  it("[WG8] finds an addWatch with `since` that does not make up for what was missed", () => {
    const story = new Story();
    const since = story.zxid();
    story.service.do(story.ann, set("/a", "1"));
    const missed = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    story.service.do(story.bob, addWatch("/a", 1, since));
    const bad = story.end();
    const good = spoil(bad, ({ connections: [, bob] }) => {
      const at = bob?.deliveries.findIndex(({ type }) => type === "reply") ?? 0;
      bob?.deliveries.splice(at, 0, { type: "event", atUs: 0, event: missed });
    });

    expect(checkWatchGuarantees(good)).toEqual([]);
    expect(rulesOf(checkWatchGuarantees(bad))).toEqual(["WG8"]);
  });

  it.each([
    ["data", get("/a", true), { type: CHILDREN_CHANGED, path: "/a" }, create("/a/x")],
    ["child", children("/a", true), { type: DATA_CHANGED, path: "/a" }, set("/a", "1")],
  ] as const)("[WG9] finds a %s watch that hears of the other kind", (_, watch, event, change) => {
    const story = new Story();
    story.service.do(story.bob, watch);
    story.service.do(story.ann, change);

    expect(story.good()).toEqual([]);
    expect(story.told()).toEqual([]);
    const wrong = { ...event, zxid: story.zxid() };
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, wrong)))).toContain("WG9");
  });

  it("[WG10] finds a persistent watch that is used up", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 0));
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.ann, remove("/a"));

    expect(story.good()).toEqual([]);
    expect(rulesOf(story.bad((deliveries) => drop(deliveries, DELETED, "/a")))).toEqual(["WG10"]);
  });

  it("[WG11] finds a recursive watch that misses a change below it", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 1));
    story.service.do(story.ann, create("/a/x"));
    story.service.do(story.ann, create("/a/x/deep"));
    story.service.do(story.ann, create("/ab"));

    expect(story.good()).toEqual([]);
    expect(story.told()).toEqual([
      [CREATED, "/a/x"],
      [CREATED, "/a/x/deep"],
    ]);
    const violations = story.bad((deliveries) => drop(deliveries, CREATED, "/a/x/deep"));
    expect(rulesOf(violations)).toEqual(["WG11"]);
  });

  it("[WG11] finds a recursive watch that is told that children changed", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 1));
    story.service.do(story.ann, create("/a/x"));
    const event = { type: CHILDREN_CHANGED, path: "/a", zxid: story.zxid() } as const;

    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG11");
  });

  it("[WG12] finds an event of a write that failed, and one of a change that never was", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.ann, set("/a", "1", 99));

    expect(story.good()).toEqual([]);
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG12");
    const other = { ...event, zxid: 7 };
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, other)))).toContain("WG12");
  });

  it("[WG12] finds an event of a change before its watch was set", () => {
    const story = new Story();
    story.service.do(story.ann, set("/a", "1"));
    story.service.do(story.bob, get("/a", true));
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;

    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG12");
  });

  it("[WG13] finds several events for several watches that one change hits", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.do(story.bob, addWatch("/a", 0));
    story.service.do(story.bob, addWatch("/", 1));
    story.service.do(story.ann, set("/a", "1"));

    expect(story.good()).toEqual([]);
    expect(story.told()).toEqual([[DATA_CHANGED, "/a"]]);
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG13");
  });

  it("[WG14] finds an ephemeral that goes with its session unheard", () => {
    const story = new Story();
    story.service.do(story.ann, create("/a/x", "", FLAGS.EPHEMERAL));
    story.service.do(story.bob, exists("/a/x", true));
    story.service.expire(story.ann);

    expect(story.good()).toEqual([]);
    expect(rulesOf(story.bad((deliveries) => drop(deliveries, DELETED, "/a/x")))).toEqual(["WG14"]);
  });

  it("[WG14] finds a connection that is told of changes behind the end of its session", () => {
    const story = new Story();
    story.service.do(story.bob, addWatch("/a", 1));
    story.service.expire(story.bob);
    story.service.do(story.ann, set("/a", "1"));
    story.service.settle();
    const bad = story.service.history();
    const good = spoil(bad, ({ connections: [, bob] }) => bob?.deliveries.pop());

    expect(checkWatchGuarantees(good)).toEqual([]);
    expect(rulesOf(checkWatchGuarantees(bad))).toEqual(["WG14"]);
  });

  it("[WG15] finds an event of a watch that ended with an earlier connection", () => {
    const story = new Story();
    story.service.do(story.bob, get("/a", true));
    story.service.cut(story.bob);
    const resume = story.bob.record.session?.id ?? 0;
    story.bob = story.service.connect({ client: 1, resume });
    story.service.do(story.ann, set("/a", "1"));

    expect(story.good()).toEqual([]);
    const event = { type: DATA_CHANGED, path: "/a", zxid: story.zxid() } as const;
    expect(rulesOf(story.bad((deliveries) => insert(deliveries, event)))).toContain("WG15");
  });
});

import { describe, expect, it } from "vitest";
import { findQuotaPrefix, formatStatsTrack, parseStatsTrack } from "../../../src/core/quota.ts";
import { bytes, codeOf, create, TreeHarness } from "./tree-harness.ts";

const Q = "/zookeeper/quota";

function limit(h: TreeHarness, path: string, text: string): void {
  h.create(`${Q}${path}/zookeeper_limits`, { data: bytes(text), parents: true });
  h.create(`${Q}${path}/zookeeper_stats`, { data: bytes("count=0,bytes=0") });
}

function stats(h: TreeHarness, path: string): string {
  return new TextDecoder().decode(h.tables.get(`${Q}${path}/zookeeper_stats`)?.data ?? undefined);
}

describe("quotas", () => {
  it("[QU1][QU2] stats are counted once, then follow every change", () => {
    const h = new TreeHarness();
    h.create("/app", { data: bytes("123") });
    h.create("/app/a", { data: bytes("45") });
    limit(h, "/app", "count=9,bytes=-1");
    expect(stats(h, "/app")).toBe("count=2,bytes=5");
    h.create("/app/a/b", { data: bytes("678") });
    expect(stats(h, "/app")).toBe("count=3,bytes=8");
    h.write({ op: "setData", path: "/app", data: null, version: -1 });
    expect(stats(h, "/app")).toBe("count=3,bytes=5");
    h.write({ op: "delete", path: "/app/a/b", version: -1 });
    expect(stats(h, "/app")).toBe("count=2,bytes=2");
    h.create("/apple");
    expect(stats(h, "/app")).toBe("count=2,bytes=2");
  });

  it("[QU1] stats change without zxid, version or event", () => {
    const h = new TreeHarness();
    h.create("/app");
    limit(h, "/app", "count=9,bytes=-1");
    const before = h.stat(`${Q}/app/zookeeper_stats`);
    h.changes.length = 0;
    h.create("/app/aaaa", { data: bytes("0123456789") });
    const after = h.stat(`${Q}/app/zookeeper_stats`);
    expect(after).toEqual({ ...before, dataLength: "count=2,bytes=10".length });
    expect(h.changes.map(({ path }) => path)).toEqual(["/app/aaaa"]);
  });

  it("[QU1] only the deepest prefix counts", () => {
    const h = new TreeHarness();
    h.create("/app/deep/x", { parents: true });
    limit(h, "/app", "count=9,bytes=-1");
    limit(h, "/app/deep", "count=9,bytes=-1");
    h.create("/app/deep/y");
    h.create("/app/z");
    expect([stats(h, "/app"), stats(h, "/app/deep")]).toEqual([
      "count=4,bytes=0",
      "count=3,bytes=0",
    ]);
    expect(findQuotaPrefix(h.tables, "/app/deep/q/r")).toBe("/app/deep");
    expect(findQuotaPrefix(h.tables, "/app")).toBe("/app");
    expect(findQuotaPrefix(h.tables, "/other/deep")).toBeUndefined();
    expect(findQuotaPrefix(h.tables, "/")).toBeUndefined();
  });

  it("[QU3] a hard count refuses creates, also of outstanding ones and in a multi", () => {
    const h = new TreeHarness();
    h.create("/app");
    limit(h, "/app", "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3");
    expect(h.prepare(create("/app/a")).failure).toBeUndefined();
    const ops = [create("/app/b"), create("/app/c")];
    expect(h.prepare({ op: "multi", ops }).failure).toMatchObject({ code: -125, failedAt: 1 });
    expect(h.prepare(create("/app/b")).failure).toBeUndefined();
    expect(h.prepare(create("/app/c")).failure).toMatchObject({ code: -125, expected: 3, seen: 4 });
  });

  it("[QU3] hard bytes refuse what grows, never what shrinks", () => {
    const h = new TreeHarness();
    h.create("/app", { data: bytes("1234") });
    limit(h, "/app", "count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=-1");
    const set = (text: string) =>
      codeOf(h.write({ op: "setData", path: "/app", data: bytes(text), version: -1 }));
    expect(set("12345")).toBe("OK");
    expect(set("123456")).toBe("QUOTAEXCEEDED");
    expect(codeOf(h.write(create("/app/a", { data: bytes("x") })))).toBe("QUOTAEXCEEDED");
    expect(set("1")).toBe("OK");
  });

  it("[QU4] a soft limit refuses nothing", () => {
    const h = new TreeHarness();
    h.create("/app");
    limit(h, "/app", "count=1,bytes=1");
    expect(codeOf(h.write(create("/app/a", { data: bytes("much") })))).toBe("OK");
  });

  it("[QU5] hard limits are soft where the service is told so", () => {
    const h = new TreeHarness({ enforceQuota: false });
    h.create("/app");
    limit(h, "/app", "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1");
    expect(codeOf(h.write(create("/app/a")))).toBe("OK");
    expect(stats(h, "/app")).toBe("count=2,bytes=0");
  });

  it("[QU3] limits are read and written in ZooKeeper's text", () => {
    const text = "count=5,bytes=-1=;byteHardLimit=100;countHardLimit=-1";
    const track = { count: 5, bytes: -1, byteHardLimit: 100, countHardLimit: -1 };
    expect(parseStatsTrack(bytes(text))).toEqual(track);
    expect(formatStatsTrack(track)).toBe(text);
    expect(parseStatsTrack(bytes("count=5;bytes=7"))).toMatchObject({ count: 5, bytes: 7 });
    expect(parseStatsTrack(bytes("nonsense"))).toMatchObject({ count: -1, bytes: -1 });
  });
});

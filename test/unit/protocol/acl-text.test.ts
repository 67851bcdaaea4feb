import fc from "fast-check";
import { expect, test } from "vitest";
import { Perms } from "../../../src/core/acl.ts";
import { Code } from "../../../src/core/keeper-error.ts";
import { formatAcl, formatPerms, parseAcl, parsePerms } from "../../../src/protocol/acl-text.ts";

const BOB = { scheme: "digest", id: "bob:OSZJQgZeDh0jtAaYXXhzTAqMmPo=" };

test("[JS18] permissions are printed in the order cdrwa and read in any", () => {
  expect(formatPerms(Perms.ALL)).toBe("cdrwa");
  expect(formatPerms(Perms.WRITE | Perms.READ)).toBe("rw");
  expect(parsePerms("wr")).toBe(Perms.READ | Perms.WRITE);
  expect(parsePerms("")).toBe(0);
});

test.each(["x", "rr", "R", "r w", "all"])("[JS18] %j are no permissions", (text) => {
  expect(parsePerms(text)).toBeUndefined();
});

test("[JS18] a header holds entries of every scheme", () => {
  const text = "digest:bob:OSZJQgZeDh0jtAaYXXhzTAqMmPo=:cdrwa,ip:fe80::1/64:r,world:anyone:";

  expect(parseAcl(text)).toEqual([
    { perms: Perms.ALL, id: BOB },
    { perms: Perms.READ, id: { scheme: "ip", id: "fe80::1/64" } },
    { perms: 0, id: { scheme: "world", id: "anyone" } },
  ]);
});

test("[JS18] an x509 id keeps its commas, and spaces behind an entry are dropped", () => {
  expect(parseAcl("x509:CN=bob,O=Acme, C=US:rw, auth::a")).toEqual([
    { perms: Perms.READ | Perms.WRITE, id: { scheme: "x509", id: "CN=bob,O=Acme, C=US" } },
    { perms: Perms.ADMIN, id: { scheme: "auth", id: "" } },
  ]);
});

test("[JS18] what is printed is read again", () => {
  const id = fc
    .stringMatching(/^[a-z0-9.:,=/]{0,12}$/u)
    .filter((text) => !/:[cdrwa]*,/u.test(text));
  const entry = fc.record({
    perms: fc.integer({ min: 0, max: 31 }),
    id: fc.record({ scheme: fc.stringMatching(/^[a-z0-9]{1,6}$/u), id }),
  });
  // An id that starts with a comma behind letters would be an entry of its own.
  const acl = fc.array(entry, { minLength: 1, maxLength: 4 });
  const isClear = (list: readonly { readonly id: { readonly id: string } }[]) =>
    list.every((one) => !/^[cdrwa]*,/u.test(one.id.id));
  fc.assert(
    fc.property(acl.filter(isClear), (list) => {
      expect(parseAcl(formatAcl(list))).toEqual(list);
    }),
  );
});

test.each([
  "",
  "world",
  "world:anyone",
  "world:anyone:x",
  "world:anyone:r,",
  ":x:r",
  "a:b:r,,c:d:r,e",
])("[JS18] the header %j is INVALIDACL", (text) => {
  expect(parseAcl(text)).toMatchObject({ code: Code.INVALIDACL });
});

test("[JS18] any text is parsed or refused, a long one too", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const acl = parseAcl(text);
      expect(Array.isArray(acl) || acl.code === Code.INVALIDACL).toBe(true);
    }),
  );
  expect(parseAcl(",".repeat(1_000_000))).toMatchObject({ code: Code.INVALIDACL });
});

import { describe, expect, it } from "vitest";
import { IDENTITY_HEADER } from "../../../src/shard/shard-api.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";
import { tokensOf } from "./tokens-harness.ts";

const upgrade = (protocols: string): Record<string, string> => ({
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Protocol": protocols,
});

const bearer = (token: string): string =>
  `edgekeeper.bearer.${Buffer.from(token).toString("base64url")}`;

const onlyUpgrade = (gateway: Gateway): Request => {
  const [request, ...more] = gateway.shard().upgrades;
  if (request === undefined || more.length > 0) throw new Error("expected one upgrade");
  return request;
};

describe("an upgrade", () => {
  it("[RE35] is passed on, and the 101 returned as it is", async () => {
    const gateway = new Gateway();
    const response = await gateway.send("GET /ws", upgrade("zookeeper, edgekeeper.json"));
    expect(response.status).toBe(101);
    expect((response as { webSocket?: unknown }).webSocket).toBe(gateway.shard().lastSocket);
    expect([...response.headers.keys()]).toEqual(["sec-websocket-protocol"]);
  });

  it("[RE35] is needed", async () => {
    const response = await new Gateway().send("GET /ws");
    expect(response.headers.get("Upgrade")).toBe("websocket");
    expect(await problemIn(response)).toMatchObject({ status: 426 });
  });

  it.each([
    ["graphql-ws", 400, "BADARGUMENTS"],
    ["", 400, "BADARGUMENTS"],
  ])("[RE35] to '%s' is %i", async (protocols, status, code) => {
    const gateway = new Gateway();
    const response = await gateway.send("GET /ws", upgrade(protocols));
    expect(await problemIn(response)).toMatchObject({ status, code });
    expect(gateway.shard().upgrades).toEqual([]);
  });

  it.each(["edgekeeper.json", "zookeeper"])("[RE35] may be to %s", async (protocol) => {
    const response = await new Gateway().send("GET /ws", upgrade(protocol));
    expect(response.status).toBe(101);
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe(protocol);
  });

  it("[RE35] takes no identities that belong to a request", async () => {
    const headers = { ...upgrade("edgekeeper.json"), "ZooKeeper-Auth": "digest bob:x" };
    expect((await new Gateway().send("GET /ws", headers)).status).toBe(400);
  });

  it("[SC10] reaches the shard with our headers only", async () => {
    const gateway = new Gateway({ TOKENS: tokensOf({ name: "r", token: "r", role: "read" }) }).at(
      "https://keeper.example",
    );
    await gateway.send("GET /ws", {
      ...upgrade(`edgekeeper.json, ${bearer("r")}`),
      [IDENTITY_HEADER]: '{"role":"admin","ids":[{"scheme":"super","id":""}]}',
      Cookie: "a=b",
      "CF-Connecting-IP": "192.0.2.7",
    });
    expect(Object.fromEntries(onlyUpgrade(gateway).headers)).toEqual({
      upgrade: "websocket",
      "sec-websocket-protocol": "edgekeeper.json",
      [IDENTITY_HEADER]: '{"role":"read","ids":[{"scheme":"ip","id":"192.0.2.7"}]}',
    });
  });

  it("[SC11] brings the token as a subprotocol", async () => {
    const gateway = new Gateway({
      TOKENS: tokensOf({ name: "w", token: "sécret/+", role: "write" }),
    }).at("https://keeper.example");
    const protocols = `edgekeeper.json, ${bearer("sécret/+")}`;
    expect((await gateway.send("GET /ws", upgrade(protocols))).status).toBe(101);
    expect(JSON.stringify([...onlyUpgrade(gateway).headers])).not.toContain("bearer");
  });

  it.each([
    "edgekeeper.json",
    `edgekeeper.json, ${bearer("wrong")}`,
    "edgekeeper.json, edgekeeper.bearer.",
    "edgekeeper.json, edgekeeper.bearer.***",
    "edgekeeper.json, edgekeeper.bearer._w",
    `edgekeeper.json, ${bearer("r")}, ${bearer("r")}`,
  ])("[SC11] with %s is 401", async (protocols) => {
    const gateway = new Gateway({ TOKENS: tokensOf({ name: "r", token: "r", role: "read" }) }).at(
      "https://keeper.example",
    );
    const response = await gateway.send("GET /ws", upgrade(protocols));
    expect(await problemIn(response)).toMatchObject({ status: 401 });
  });
});

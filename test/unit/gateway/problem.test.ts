import { describe, expect, it } from "vitest";
import { Code } from "../../../src/core/keeper-error.ts";
import { HttpProblem, problemResponse, PROBLEMS } from "../../../src/gateway/problem.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";

describe("problems", () => {
  it("[RE25] have ZooKeeper's code, and what was expected and seen", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /znodes/a");
    const response = await gateway.send("DELETE /znodes/a", { "If-Match": '"7"' });
    expect(response.status).toBe(412);
    expect(await problemIn(response)).toEqual({
      type: "/docs#BADVERSION",
      title: PROBLEMS.BADVERSION.title,
      status: 412,
      detail: expect.any(String) as string,
      code: "BADVERSION",
      number: -103,
      path: "/a",
      expected: 7,
      seen: 0,
    });
  });

  it.each([
    ["NONODE", 404],
    ["NODEEXISTS", 409],
    ["NOTEMPTY", 409],
    ["NOCHILDRENFOREPHEMERALS", 409],
    ["BADVERSION", 412],
    ["NOAUTH", 403],
    ["AUTHFAILED", 401],
    ["SESSIONEXPIRED", 410],
    ["INVALIDACL", 422],
    ["BADARGUMENTS", 400],
    ["MARSHALLINGERROR", 400],
    ["UNIMPLEMENTED", 501],
    ["QUOTAEXCEEDED", 403],
    ["THROTTLEDOP", 429],
    ["CONNECTIONLOSS", 503],
  ] as const)("[RE25] of code %s have status %i", (name, status) => {
    expect(problemResponse(new HttpProblem(Code[name], "why")).status).toBe(status);
  });

  it("[RE25] exist for every code", async () => {
    for (const [name, number] of Object.entries(Code)) {
      const response = problemResponse(new HttpProblem(number, "why"));
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(await response.json()).toMatchObject({ code: name, number, detail: "why" });
    }
  });

  it("[RE25] that pass say when to try again", () => {
    for (const code of [Code.CONNECTIONLOSS, Code.THROTTLEDOP]) {
      expect(problemResponse(new HttpProblem(code, "why")).headers.get("Retry-After")).toBe("1");
    }
    expect(problemResponse(new HttpProblem(Code.NONODE, "why")).headers.has("Retry-After")).toBe(
      false,
    );
  });

  it.each([
    "GET /nowhere",
    "POST /",
    "PUT /znodesx/a",
    "GET /multi/",
    "GET /sessions/1/2",
    "GET /ns/x",
  ])("[RE26] answer %s", async (line) => {
    const response = await new Gateway().send(line);
    expect([404, 405]).toContain(response.status);
    expect(await problemIn(response)).toMatchObject({ code: "BADARGUMENTS" });
  });

  it.each([
    ["PATCH /znodes/a", "GET, HEAD, PUT, POST, DELETE"],
    ["GET /multi", "POST"],
    ["GET /sessions", "POST"],
    ["POST /sessions/1f", "PUT, GET, HEAD, DELETE"],
    ["POST /ws", "GET, HEAD"],
    ["OPTIONS /metrics", "GET, HEAD"],
  ])("[RE26] answer %s with what is allowed", async (line, allow) => {
    const response = await new Gateway().send(line);
    expect(response.headers.get("Allow")).toBe(allow);
    expect(await problemIn(response)).toMatchObject({ status: 405 });
  });

  it("[RE32] tell that the shard was lost, and no more", async () => {
    const gateway = new Gateway();
    for (const line of ["GET /znodes/a", "PUT /znodes/a", "GET /status", "GET /znodes/a?watch"]) {
      gateway.shard().failure = new Error("internal error at sql.exec");
      const response = await gateway.send(line);
      expect(response.headers.get("Retry-After")).toBe("1");
      const problem = await problemIn(response);
      expect(problem).toMatchObject({ status: 503, code: "CONNECTIONLOSS", number: -4 });
      expect(JSON.stringify(problem)).not.toContain("sql");
    }
  });

  it("[RE32] tell an overload from a loss", async () => {
    const gateway = new Gateway();
    gateway.shard().failure = Object.assign(new Error("x"), { overloaded: true });
    const problem = await problemIn(await gateway.send("GET /znodes/a"));
    expect(problem).toMatchObject({ status: 503, detail: "the shard is overloaded" });
  });
});

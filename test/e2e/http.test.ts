import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";
import { Service } from "./service.ts";

/** The smallest PNG: one transparent pixel. It holds bytes that are no UTF-8. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(cleanUp);

function put(path: string, body: string | Uint8Array<ArrayBuffer> = ""): Promise<Response> {
  return fetch(`${service.base}/znodes${path}`, { method: "PUT", body });
}

test("[EE10] a sequential PUT creates the numbered znode and answers its path", async () => {
  await put("/tasks");

  const first = await put("/tasks/task-?seq");
  const second = await put("/tasks/task-?seq");

  expect(first.status).toBe(201);
  expect(first.headers.get("Location")).toBe("/znodes/tasks/task-0000000000");
  expect(await first.json()).toMatchObject({ path: "/tasks/task-0000000000" });
  expect(await second.json()).toMatchObject({ path: "/tasks/task-0000000001" });
});

test("[EE11] a PNG comes back byte for byte", async () => {
  const created = await put("/pixel.png", new Uint8Array(PNG));
  const answer = await fetch(`${service.base}/znodes/pixel.png`);

  expect(created.status).toBe(201);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
});

test("[EE12] curl -N shows the state of a watched znode, then each change as it comes", async () => {
  await put("/door", "closed");
  const url = `${service.base}/znodes/door?watch`;
  const curl = new ProcessGroup("curl", { arguments: ["-sN", url] });
  const shown = (text: string) =>
    poll(`curl shows ${text}`, () => (curl.output.includes(text) ? true : undefined), 10_000);
  await shown("event: state");

  await put("/door?upsert", "open");
  await shown("event: NodeDataChanged");
  await fetch(`${service.base}/znodes/door`, { method: "DELETE" });
  await shown("event: NodeDeleted");

  const types = curl.output.match(/(?<=^event: ).*$/gm);
  expect(types).toEqual(["state", "NodeDataChanged", "NodeDeleted"]);
  expect(curl.output).toContain('"data":"closed"');
  await curl.kill();
});

test("[EE13] what was written is there at the next npm start", async () => {
  const created = await put("/kept", "as it was");

  await service.stop();
  await service.restart();

  const answer = await fetch(`${service.base}/znodes/kept`);
  expect(await answer.text()).toBe("as it was");
  expect(answer.headers.get("ETag")).toBe(created.headers.get("ETag"));
});

test("[EE14] /openapi.json describes the service and /docs shows it without another host", async () => {
  const openapi = await fetch(`${service.base}/openapi.json`);
  const docs = await fetch(`${service.base}/docs`);

  expect(await openapi.json()).toMatchObject({ openapi: expect.stringMatching(/^3\./) });
  expect(docs.headers.get("Content-Type")).toMatch(/^text\/html/);
  expect(await docs.text()).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//);
});

import { eventStream } from "../client/event-stream.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * Somebody who wants work done, over HTTP: adds `count` tasks one after the other, watches the status
 * of each, and ends when all are done.
 */
const { url, count, what } = participantArguments("count", "what");
const statuses: Promise<void>[] = [];
for (let index = 0; index < Number(count); index += 1) {
  const path = await addTask();
  report({ added: path });
  statuses.push(awaitStatus(path));
}
await Promise.all(statuses);

async function addTask(): Promise<string> {
  const response = await fetch(`${url}/znodes/tasks/task-?seq`, { method: "PUT", body: what });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  const { path } = (await response.json()) as { path: string };
  return path;
}

async function awaitStatus(path: string): Promise<void> {
  for await (const { event, data } of eventStream(`${url}/znodes${path}/status?watch`)) {
    if (event !== "NodeCreated" && data["exists"] !== true) continue;
    const status = await fetch(`${url}/znodes${path}/status`);
    report({ task: path, status: await status.text() });
    return;
  }
  throw new Error(`the watch of ${path} ended`);
}

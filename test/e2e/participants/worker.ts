import { appendFileSync } from "node:fs";
import { Connection } from "../client/connection.ts";
import { isRefused } from "../client/keeper-error.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * A worker: is there as long as its ephemeral `/workers/{name}` is, and does what appears below
 * `/assign/{name}`, in order. Doing a task is to write it into the file `work`.
 *
 * With `stallsOn` it takes a task of that text and never does it: the time to be killed in.
 */
const { url, name, work, stallsOn } = participantArguments("name", "work", "stallsOn");
const connection = await Connection.open(url, { timeoutMs: 4_000 });
await isRefused("NODEEXISTS", connection.create(`/assign/${name}`));
await connection.create(`/workers/${name}`, { mode: "EPHEMERAL" });
report({ registered: name });
for (;;) {
  const change = connection.nextEvent();
  for (const task of await connection.children(`/assign/${name}`, true)) await execute(task);
  await change;
}

async function execute(task: string): Promise<void> {
  const what = await connection.data(`/assign/${name}/${task}`);
  report({ took: task });
  if (what === stallsOn) await new Promise<never>(() => undefined);
  appendFileSync(work, `${task} ${name}\n`);
  await connection.multi([
    { op: "create", path: `/tasks/${task}/status`, data: `done by ${name}` },
    { op: "delete", path: `/assign/${name}/${task}` },
  ]);
  report({ done: task });
}

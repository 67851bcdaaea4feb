import { Connection, type Operation } from "../client/connection.ts";
import { isRefused } from "../client/keeper-error.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * One of those who would be master: creates the ephemeral `/master`, or waits until it is gone.
 *
 * The master hands out `/tasks/task-*` in order: it creates `/assign/{worker}/{task}` for a worker of
 * `/workers`, and moves the assignments of workers that are gone. It knows nothing that is not in
 * the tree, so that the next master goes on where this one ends.
 */
const { url, name } = participantArguments("name");
const connection = await Connection.open(url, { timeoutMs: 4_000 });
await beElected();
report({ elected: name });
for (;;) {
  const change = connection.nextEvent();
  await assignTasks();
  await change;
}

async function beElected(): Promise<void> {
  const create = { data: name, mode: "EPHEMERAL" };
  while (await isRefused("NODEEXISTS", connection.create("/master", create))) {
    const gone = connection.nextEvent("/master");
    const master = await connection.data("/master", true);
    if (master === undefined) continue;
    report({ watches: master });
    await gone;
  }
}

async function assignTasks(): Promise<void> {
  const workers = await connection.children("/workers", true);
  const tasks = await connection.children("/tasks", true);
  // Assignments first, statuses second: a worker moves a task from the one to the other in one step.
  const assignments = await readAssignments();
  const load = new Map(workers.map((worker) => [worker, 0]));
  for (const worker of assignments.values()) {
    if (load.has(worker)) load.set(worker, (load.get(worker) ?? 0) + 1);
  }
  const assigned = tasks.filter((task) => load.has(assignments.get(task) ?? ""));
  const open = await undone(tasks.filter((task) => !assigned.includes(task)));
  for (const task of open) {
    const [worker] = [...load.keys()].toSorted((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0));
    if (worker === undefined) return;
    load.set(worker, (load.get(worker) ?? 0) + 1);
    await assign(task, { to: worker, from: assignments.get(task) });
  }
}

/** Task to worker, of the dead ones too. */
async function readAssignments(): Promise<Map<string, string>> {
  const workers = await connection.children("/assign");
  const lists = await Promise.all(
    workers.map(async (worker) => {
      const tasks = await connection.children(`/assign/${worker}`);
      return tasks.map((task): [string, string] => [task, worker]);
    }),
  );
  return new Map(lists.flat());
}

async function undone(tasks: readonly string[]): Promise<readonly string[]> {
  const done = await Promise.all(tasks.map((task) => connection.exists(`/tasks/${task}/status`)));
  return tasks.filter((_, index) => done[index] === false);
}

async function assign(
  task: string,
  { to, from }: { readonly to: string; readonly from: string | undefined },
): Promise<void> {
  const data = (await connection.data(`/tasks/${task}`)) ?? "";
  const create: Operation = { op: "create", path: `/assign/${to}/${task}`, data };
  const remove: Operation = { op: "delete", path: `/assign/${from}/${task}` };
  await connection.multi(from === undefined ? [create] : [remove, create]);
  report({ assigned: task, to, ...(from !== undefined && { from }) });
}

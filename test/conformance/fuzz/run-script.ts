import type { Server } from "../servers.ts";
import { removeTree } from "./remove-tree.ts";
import { type Normal, normalise } from "./normalise.ts";
import type { Operation } from "./operation.ts";
import type { Item } from "./reply.ts";
import type { Script, Step } from "./script.ts";
import { SessionClient } from "./session-client.ts";

/** What each session received in each step: `[step][session]`. */
export type Transcript = readonly (readonly (readonly Normal[])[])[];

const OPEN_ACL = [{ perms: 31, scheme: "world", id: "anyone" }];

/** Runs a script on one server, in a subtree that is new there, and removes it afterwards. */
export async function runScript(server: Server, script: Script, root: string): Promise<Transcript> {
  const run = new ScriptRun(server, script, root);
  try {
    await run.open();
    await (script.isParallel ? run.parallel() : run.sequential());
    return run.transcript();
  } finally {
    await run.end();
  }
}

/** The subtree of a session of a parallel script. */
export function ownSubtree(session: number): string {
  return `/p${session}`;
}

class ScriptRun {
  readonly #script: Script;
  readonly #server: Server;
  readonly #root: string;
  readonly #clients: readonly SessionClient[];
  readonly #sessionIds: bigint[] = [];
  readonly #steps: Item[][][] = [];
  #base = 0n;

  constructor(server: Server, script: Script, root: string) {
    this.#server = server;
    this.#script = script;
    this.#root = root;
    this.#clients = Array.from({ length: script.sessions }, () => new SessionClient(server));
  }

  get #paths() {
    return { root: this.#root, base: this.#base };
  }

  async open(): Promise<void> {
    const [first] = this.#clients;
    if (first === undefined) throw new Error("a script has a session");
    // One after the other: each takes a zxid.
    for (const client of this.#clients) {
      await client.open();
      this.#sessionIds.push(client.sessionId);
    }
    const roots = this.#script.isParallel ? this.#clients.map((_, i) => ownSubtree(i)) : [];
    const creates = ["", ...roots].map((path) => create(path));
    await first.request(creates.slice(0, 1), { paths: this.#paths, cut: 0 });
    this.#base = first.lastZxid;
    await first.request(creates.slice(1), { paths: this.#paths, cut: 0 });
    // What came so far has zxids of before the base.
    for (const client of this.#clients) client.take();
  }

  async sequential(): Promise<void> {
    for (const step of this.#script.steps) {
      await this.#step(step);
      await this.#barrier(step.session);
      this.#steps.push(this.#clients.map((client) => client.take()));
    }
  }

  async parallel(): Promise<void> {
    const each = this.#clients.map(async (_, session) => {
      for (const step of this.#script.steps) {
        if (step.session === session) await this.#step(step);
      }
    });
    await Promise.all(each);
    this.#steps.push(this.#clients.map((client) => client.take()));
  }

  transcript(): Transcript {
    const context = {
      base: this.#base,
      root: this.#root,
      sessionIds: this.#sessionIds,
      isParallel: this.#script.isParallel,
    };
    return this.#steps.map((sessions) => sessions.map((items) => normalise(items, context)));
  }

  async end(): Promise<void> {
    for (const client of this.#clients) {
      // A session that stays would expire at a zxid in the middle of another script.
      if (!client.isConnected) await client.reconnect(false);
      if (client.isConnected) await client.close(this.#paths);
    }
    await removeTree(this.#server, this.#root);
  }

  async #step(step: Step): Promise<void> {
    const client = this.#clients[step.session];
    if (client === undefined) throw new Error(`there is no session ${step.session}`);
    switch (step.kind) {
      case "requests":
        await client.request(step.operations, { paths: this.#paths, cut: step.cut });
        break;
      case "reconnect":
        await client.reconnect(step.isTakeover);
        break;
      case "close":
        await client.close(this.#paths);
        await client.open();
        this.#sessionIds.push(client.sessionId);
        break;
    }
  }

  /**
   * Asks all other sessions for something, so that the events of the step have come: an event
   * precedes every reply that was made after it.
   */
  async #barrier(session: number): Promise<void> {
    const others = this.#clients.filter((client, index) => index !== session && client.isConnected);
    const sync: Operation = { op: "sync", path: "" };
    await Promise.all(
      others.map((client) => client.request([sync], { paths: this.#paths, cut: 0 })),
    );
  }
}

function create(path: string): Operation {
  return { op: "create", path, data: "", acl: OPEN_ACL, flags: 0 };
}

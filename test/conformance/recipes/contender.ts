import { join } from "node:path";
import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { CURATOR_CLASSPATH } from "../servers.ts";

/** How long anything may take that a contender is told to do, milliseconds. */
const REPLY_MS = 60_000;

/** A library whose recipes are to work together with ours. */
export interface Library {
  readonly name: string;
  /** Its program, which is told what to do; the address and the session timeout come last. */
  readonly command: readonly [string, ...string[]];
}

/** Debian's Python, where python3-kazoo is. */
export const KAZOO: Library = {
  name: "kazoo",
  command: ["/usr/bin/python3", "-B", join(import.meta.dirname, "contender.py")],
};

export const CURATOR: Library = {
  name: "Curator",
  command: [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    CURATOR_CLASSPATH,
    join(import.meta.dirname, "CuratorContender.java"),
  ],
};

/** A process with another library's recipes that does what it is told, several things at a time. */
export class Contender {
  readonly #group: ProcessGroup;
  #lastId = 0;

  private constructor(group: ProcessGroup) {
    this.#group = group;
  }

  /** Starts one, with a session of its own. */
  static async start(
    { command: [program, ...args] }: Library,
    address: string,
    timeoutMs: number,
  ): Promise<Contender> {
    const group = new ProcessGroup(program, { arguments: [...args, address, `${timeoutMs}`] });
    const contender = new Contender(group);
    await contender.#reply("0", 0);
    return contender;
  }

  /** Tells it to do something. */
  tell(verb: string, ...args: readonly (string | number)[]): Deed {
    this.#lastId += 1;
    const id = `${this.#lastId}`;
    this.#group.write(`${[id, verb, ...args].join(" ")}\n`);
    return {
      said: (index = 0) => this.#reply(id, index),
      has: (index) => this.#replies(id).length > index,
      release: () => this.tell("release", id),
    };
  }

  /** SIGKILL: its session ends when its timeout has passed. */
  async kill(): Promise<void> {
    await this.#group.kill();
  }

  /** Ends its session, and the process. */
  async end(): Promise<void> {
    this.#group.endInput();
    await this.#group.succeed();
  }

  #replies(id: string): readonly string[] {
    const prefix = `#${id} `;
    return this.#group.output
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith(prefix))
      .map((line) => line.slice(prefix.length));
  }

  /** @throws Error when it failed instead. */
  async #reply(id: string, index: number): Promise<string> {
    const what = `${this.#group.name} says something for ${id}`;
    const isOver = (): boolean => this.#replies(id).at(-1)?.startsWith("failed ") === true;
    const answer = () => this.#replies(id)[index] ?? (isOver() ? "failed" : undefined);
    const reply = await poll(what, answer, REPLY_MS).catch((error) => this.#group.fail(error));
    if (reply.startsWith("failed")) this.#group.fail(reply);
    return reply;
  }
}

/** Something that a contender was told to do. */
export interface Deed {
  /** What it said about it, from 0. */
  said(index?: number): Promise<string>;
  /** Whether it has said so much. */
  has(index: number): boolean;
  /** Lets go of what is held. */
  release(): void;
}

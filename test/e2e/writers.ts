import { Connection } from "./client/connection.ts";
import { type Fact, ParticipantProcess } from "./participant-process.ts";

const WRITERS = ["w1", "w2", "w3"];

/** A znode as a listing shows it. */
interface Child {
  readonly name: string;
  readonly data: string;
  readonly stat: { readonly czxid: string };
}

/** What is left when everything has happened: reports of the writers, and the tree. */
export interface Written {
  readonly facts: readonly (readonly Fact[])[];
  readonly children: ReadonlyMap<string, Child>;
}

/** Processes that write as fast as they can while something happens to the service. */
export class Writers {
  readonly #base: string;
  readonly #writers: readonly ParticipantProcess[];

  static async start(base: string): Promise<Writers> {
    const setUp = await Connection.open(base, { timeoutMs: 30_000 });
    for (const path of ["/live", "/load", "/numbers"]) await setUp.create(path);
    await setUp.close();
    return new Writers(base);
  }

  private constructor(base: string) {
    this.#base = base;
    this.#writers = WRITERS.map((name) => new ParticipantProcess("writer", { url: base, name }));
  }

  get count(): number {
    return this.#writers.length;
  }

  /** Waits until each has acknowledged that many more pairs. */
  async pairs(count: number): Promise<void> {
    await Promise.all(
      this.#writers.map((writer) => writer.reported("pair", writer.all("pair").length + count)),
    );
  }

  /** Waits until each has resumed its session for the nth time. */
  async resumed(times: number): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.reported("resumed", times)));
  }

  /** Ends them, and returns what they say and what is there. */
  async finish(): Promise<Written> {
    for (const { group } of this.#writers) group.endInput();
    await Promise.all(this.#writers.map(({ group }) => group.succeed()));
    return {
      facts: this.#writers.map((writer) => writer.facts),
      children: await listChildren(`${this.#base}/znodes/load`),
    };
  }
}

/** Pairs that were acknowledged. */
export function acknowledgedPairs({ facts }: Written): readonly Fact[] {
  return facts.flat().filter((fact) => "pair" in fact);
}

/** Acknowledged pairs of which a half is not there as it was written. */
export function lostPairs(written: Written): readonly Fact[] {
  return acknowledgedPairs(written).filter(({ pair, zxid }) =>
    ["a", "b"].some((half) => {
      const child = written.children.get(`${String(pair)}-${half}`);
      return child?.stat.czxid !== zxid || child?.data !== String(pair).repeat(20);
    }),
  );
}

async function listChildren(url: string): Promise<ReadonlyMap<string, Child>> {
  const all = new Map<string, Child>();
  for (let after = ""; ;) {
    const response = await fetch(`${url}?children&stat&data&limit=1000&after=${after}`);
    const page = (await response.json()) as { entries: readonly Child[]; more?: true };
    for (const child of page.entries) all.set(child.name, child);
    after = page.entries.at(-1)?.name ?? "";
    if (page.more !== true) return all;
  }
}

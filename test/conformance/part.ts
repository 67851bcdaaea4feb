import type { Server } from "./servers.ts";

/** What a part gets to work with and reports to. */
export interface PartContext {
  /** The server that is right by definition. */
  readonly zooKeeper: Server;
  /** The server under test. */
  readonly edgekeeper: Server;
  /** How many requests the fuzzer sends. */
  readonly operations: number;
  /** The fuzzer's first seed. */
  readonly seed: number;
  readonly passed: (test: string) => void;
  readonly failed: (test: string, why: string) => void;
  readonly print: (line: string) => void;
}

/** A part of the suite that can be run by its name. */
export interface Part {
  readonly name: string;
  run(context: PartContext): Promise<void>;
}

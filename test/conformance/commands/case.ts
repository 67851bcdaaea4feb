import type { ZooKeeper } from "../../../src/client/index.ts";
import type { Way } from "../way.ts";
import type { CommandLine } from "./command-line.ts";

/** What a case gets: a subtree of its own is the whole tree to it. */
export interface Scene {
  readonly way: Way;
  /** Where the subtree is. */
  readonly root: string;
  readonly cli: CommandLine;
  /** Somebody else in that subtree. */
  readonly zk: ZooKeeper;
}

/**
 * What our command line does at a server, by title.
 *
 * @throws AssertionError for what it should not have done
 */
export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

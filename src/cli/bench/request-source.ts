import type { ZooKeeper } from "../../client/index.ts";
import type { BenchTree, Folder } from "./bench-tree.ts";
import { drawOperation, type LoadOperation, type OperationMix } from "./operation-mix.ts";

/** What the requests of a load are. */
export interface RequestOptions {
  readonly tree: BenchTree;
  readonly mix: OperationMix;
  /** What is written. */
  readonly data: Uint8Array;
}

/** Draws and issues the requests of one connection. */
export class RequestSource {
  readonly zk: ZooKeeper;
  readonly #options: RequestOptions;
  #folder: Folder | undefined;
  #createdCount = 0;

  constructor(zk: ZooKeeper, options: RequestOptions) {
    this.zk = zk;
    this.#options = options;
  }

  draw(): LoadOperation {
    return drawOperation(this.#options.mix, this.zk.clock.random());
  }

  issue(operation: LoadOperation): Promise<unknown> {
    const { tree, data } = this.#options;
    switch (operation) {
      case "create":
        return this.zk.create(`${this.#place()}/${this.#createdCount}`, data);
      case "sequential":
        return this.zk.create(`${this.#place()}/s-`, data, { sequential: true });
      case "set":
        return this.zk.set(tree.drawKey(this.zk.clock.random()), data);
      case "get":
        return this.zk.get(tree.drawKey(this.zk.clock.random()));
    }
  }

  /** Where the next znode is created: the request for it leaves behind the one for its folder. */
  #place(): string {
    this.#createdCount += 1;
    if (this.#folder !== undefined && this.#createdCount <= this.#folder.room) {
      return this.#folder.path;
    }
    const folder = this.#options.tree.takeFolder();
    this.#folder = folder;
    this.#createdCount = 1;
    this.zk.create(folder.path).catch(() => {
      // What was to go into it fails, and is counted; the next one goes elsewhere.
      if (this.#folder === folder) this.#folder = undefined;
    });
    return folder.path;
  }
}

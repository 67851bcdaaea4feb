import type { ZooKeeper } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import type { ClientSource, Elsewhere } from "../server/server-connection.ts";
import { type ReadOptions, readTree } from "./read-tree.ts";
import { openTreeFile, spool } from "./tree-file.ts";
import { isOfService, type TreeStream } from "./tree-node.ts";
import { type FilePlace, isServerPlace, type ServerPlace, type TreePlace } from "./tree-place.ts";

/** A tree that can be read, as often as need be. */
export interface OpenTree {
  /** Where paths of it begin, as they are told. */
  readonly root: string;
  /** Whether it says what its root is; if not, that is only a place for what is below. */
  readonly hasRoot: boolean;
  /** Znodes of it, if that is known before they are read; it may change. */
  readonly count: () => Promise<number | undefined>;
  readonly read: (options: ReadOptions) => TreeStream;
}

/** A subtree of a server. */
export interface ServerTree extends OpenTree {
  readonly zk: ZooKeeper;
}

/** Opens trees, and closes what was opened for them: sessions, files. */
export class TreeOpener implements AsyncDisposable {
  readonly #source: ClientSource;
  readonly #signal: AbortSignal;
  readonly #opened = new AsyncDisposableStack();

  constructor(source: ClientSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** Opens any tree. @throws CommandError that says what was expected */
  open(place: TreePlace, token: Elsewhere["token"]): Promise<OpenTree> {
    return isServerPlace(place) ? this.openServer(place, token) : this.openFile(place);
  }

  /**
   * Opens a subtree of a server.
   *
   * @param token - how the service knows us; that of the command if `undefined`.
   * @throws CommandError if nobody answers
   */
  async openServer(place: ServerPlace, token: Elsewhere["token"]): Promise<ServerTree> {
    const { root } = place;
    if (isOfService(root)) {
      throw new CommandError(`expected a path outside of /zookeeper, saw ${place.name}`);
    }
    const zk = await this.#client(place, token);
    return {
      zk,
      root,
      hasRoot: true,
      count: async () => {
        const count = await zk.countDescendants(root).catch(() => undefined);
        return count === undefined ? undefined : count + 1;
      },
      read: (options) => readTree(zk, root, options),
    };
  }

  /** Opens a file, or standard input. @throws CommandError that says what was expected */
  async openFile(place: FilePlace): Promise<OpenTree> {
    if (place.type === "stream" && process.stdin.isTTY) {
      throw new CommandError("expected a tree on standard input, saw a terminal");
    }
    const path =
      place.type === "file" ? place.path : this.#opened.use(await spool(process.stdin)).path;
    const { count, hasRoot, read } = await openTreeFile(path);
    return { root: "/", hasRoot, count: () => Promise.resolve(count), read };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  #client(place: ServerPlace, token: Elsewhere["token"]): Promise<ZooKeeper> {
    if (place.type === "path") return this.#source.client();
    const { server, namespace } = place;
    const connection = this.#source.elsewhere(server, { namespace, token });
    this.#opened.defer(() => connection.close());
    const interrupt = (): void => connection.interrupt();
    this.#signal.addEventListener("abort", interrupt);
    this.#opened.defer(async () => this.#signal.removeEventListener("abort", interrupt));
    return connection.client();
  }
}

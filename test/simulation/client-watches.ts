import { isFailure, Code, type Outcome } from "../../src/core/keeper-error.ts";
import type { Reply, Request, SetWatchesRequest, WatchedEvent } from "../../src/core/request.ts";
import { WatchedEventType } from "../../src/core/watched-event.ts";
import type { Zxid } from "../../src/core/zxid.ts";

type Kind = "data" | "exist" | "child" | "persistent" | "recursive";

/**
 * The watches that a client knows it has, so that it can register them again on its next connection.
 *
 * Source: ZooKeeper `ZKWatchManager`, `ClientCnxn.primeConnection`.
 */
export class ClientWatches {
  readonly #paths: Record<Kind, Set<string>> = {
    data: new Set(),
    exist: new Set(),
    child: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  };

  get isEmpty(): boolean {
    return Object.values(this.#paths).every(({ size }) => size === 0);
  }

  /** Paths with persistent watches of either kind. */
  get persistent(): readonly { readonly path: string; readonly isRecursive: boolean }[] {
    const { persistent, recursive } = this.#paths;
    return [
      ...[...persistent].map((path) => ({ path, isRecursive: false })),
      ...[...recursive].map((path) => ({ path, isRecursive: true })),
    ];
  }

  clear(): void {
    for (const paths of Object.values(this.#paths)) paths.clear();
  }

  /** An answer came: what it registered or removed counts from now on. */
  answered(request: Request, outcome: Outcome<Reply>): void {
    const kind = registers(request, outcome);
    if (kind !== undefined && "path" in request) this.#paths[kind].add(request.path);
    if (request.op !== "removeWatches" || isFailure(outcome)) return;
    for (const paths of Object.values(this.#paths)) paths.delete(request.path);
  }

  /** An event came: it uses up the watches that fire once. */
  fired({ type, path }: WatchedEvent): void {
    const { data, exist, child } = this.#paths;
    if (type === WatchedEventType.NodeChildrenChanged) {
      child.delete(path);
      return;
    }
    data.delete(path);
    exist.delete(path);
    if (type === WatchedEventType.NodeDeleted) child.delete(path);
  }

  /** Registers everything again. */
  request(relativeZxid: Zxid, withPersistent: boolean): SetWatchesRequest {
    const { data, exist, child, persistent, recursive } = this.#paths;
    return {
      op: "setWatches",
      relativeZxid,
      dataWatches: [...data],
      existWatches: [...exist],
      childWatches: [...child],
      persistentWatches: withPersistent ? [...persistent] : [],
      persistentRecursiveWatches: withPersistent ? [...recursive] : [],
    };
  }
}

function registers(request: Request, outcome: Outcome<Reply>): Kind | undefined {
  if (request.op === "addWatch") {
    if (isFailure(outcome)) return undefined;
    return request.mode === 0 ? "persistent" : "recursive";
  }
  if (!("watch" in request) || !request.watch) return undefined;
  if (isFailure(outcome)) {
    return request.op === "exists" && outcome.code === Code.NONODE ? "exist" : undefined;
  }
  return request.op === "getData" || request.op === "exists" ? "data" : "child";
}

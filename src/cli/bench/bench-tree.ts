import {
  childPath,
  Code,
  deleteQuietly,
  isKeeperError,
  pause,
  uuid,
  type ZooKeeper,
} from "../../client/index.ts";

/** Znodes in one folder, at most: its list of children fits into a frame, also of small ones. */
const FOLDER_SIZE = 5_000;
/** Znodes made or deleted by one transaction. */
const BATCH = 500;
/** Folders that are removed at once. */
const REMOVED_AT_ONCE = 8;
/** What a lost connection or a late request left behind is tried again so often. */
const ATTEMPTS = 5;
const ATTEMPT_MS = 1_000;

/**
 * The subtree of one load: keys that are set and got, and folders into which is created. Nobody else
 * has anything below its root, so that removing it takes nothing from anybody.
 */
export class BenchTree {
  readonly root: string;
  readonly #keysCount: number;
  #foldersCount = 0;

  /** @param parent - where it hangs. @param keysCount - znodes to set and get. */
  constructor(parent: string, keysCount: number) {
    this.root = childPath(parent, `edgekeeper-bench-${uuid()}`);
    this.#keysCount = keysCount;
  }

  /** Makes the root and the keys. */
  async plant(zk: ZooKeeper, data: Uint8Array): Promise<void> {
    await zk.create(this.root);
    await zk.create(`${this.root}/keys`);
    for (let first = 0; first < this.#keysCount; first += BATCH) {
      const batch = zk.transaction();
      const end = Math.min(first + BATCH, this.#keysCount);
      for (let key = first; key < end; key += 1) batch.create(this.#keyPath(key), data);
      await batch.commit();
    }
  }

  /** One of the znodes that are set and got. @param draw - from 0 up to, and without, 1. */
  drawKey(draw: number): string {
    return this.#keyPath(Math.floor(draw * this.#keysCount));
  }

  #keyPath(key: number): string {
    return `${this.root}/keys/${key}`;
  }

  /** Room for {@link Folder.room} znodes: whoever takes it makes it. */
  takeFolder(): Folder {
    this.#foldersCount += 1;
    return { path: this.#folderPath(this.#foldersCount - 1), room: FOLDER_SIZE };
  }

  /**
   * Removes everything, with what others of its requests have made meanwhile.
   *
   * @param signal - stops it; the rest stays.
   * @throws KeeperError if the server lets us not
   */
  async remove(zk: ZooKeeper, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#removeAll(zk, signal);
        return;
      } catch (error) {
        if (!isKeeperError(error) || attempt === ATTEMPTS) throw error;
        await pause(zk.clock, ATTEMPT_MS, signal);
      }
    }
  }

  async #removeAll(zk: ZooKeeper, signal: AbortSignal): Promise<void> {
    const folders = [`${this.root}/keys`];
    for (let at = 0; at < this.#foldersCount; at += 1) folders.push(this.#folderPath(at));
    const removeNext = async (): Promise<void> => {
      for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
        await removeFolder(zk, path, signal);
      }
    };
    await Promise.all(Array.from({ length: REMOVED_AT_ONCE }, removeNext));
    await deleteQuietly(zk, this.root);
  }

  #folderPath(index: number): string {
    return `${this.root}/folder-${index}`;
  }
}

/** Where znodes are created. */
export interface Folder {
  readonly path: string;
  /** How many znodes it takes. */
  readonly room: number;
}

async function removeFolder(zk: ZooKeeper, path: string, signal: AbortSignal): Promise<void> {
  const names = await zk.children(path).then(
    ({ children }) => children,
    (error: unknown) => {
      if (isKeeperError(error, Code.NONODE)) return [];
      throw error;
    },
  );
  for (let at = 0; at < names.length; at += BATCH) {
    signal.throwIfAborted();
    const batch = zk.transaction();
    for (const name of names.slice(at, at + BATCH)) batch.delete(`${path}/${name}`);
    await batch.commit();
  }
  await deleteQuietly(zk, path);
}

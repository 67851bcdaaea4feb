import { CommandError } from "../command-error.ts";

/** What SQLite says of a lock that another process has. Source: SQLite `SQLITE_BUSY`. */
const BUSY = 5;

/**
 * Takes SQLite's own lock of a database file, which is made if it isn't there. The kernel lets go of it
 * when the process ends, however it does; it holds between containers that share a disk, too, where the
 * ids of processes mean nothing.
 *
 * @returns what lets go of it; undefined if another process has the file open that way.
 */
export async function takeLock(path: string): Promise<(() => void) | undefined> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path);
  try {
    // Alone also where the file is one of those that are shared by way of a log beside it.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN IMMEDIATE");
    return () => database.close();
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}

async function loadSqlite(): Promise<typeof import("node:sqlite")> {
  try {
    return await import("node:sqlite");
  } catch {
    throw new CommandError(`expected Node 22.13 or later for serve, saw ${process.version}`);
  }
}

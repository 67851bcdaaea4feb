import { childPath, isKeeperError, type ZooKeeper } from "../../client/index.ts";

/** What completes a line: the whole words, and the piece that they replace. As readline wants it. */
export type Completion = [candidates: string[], piece: string];

/**
 * Completes the last word: a command at the start of a line, else a path.
 *
 * @param client - asked only for paths; undefined while there is no connection.
 * Source: zkCli `JLineZNodeCompleter`.
 */
export async function completeLine(
  line: string,
  commandNames: readonly string[],
  client: () => Promise<ZooKeeper | undefined>,
): Promise<Completion> {
  const piece = /\S*$/.exec(line)?.[0] ?? "";
  const isCommand = line.trimStart() === piece;
  if (isCommand) return [startingWith(piece, commandNames), piece];
  if (!piece.startsWith("/")) return [[], piece];
  const zk = await client();
  return [zk === undefined ? [] : await pathsStartingWith(zk, piece), piece];
}

function startingWith(piece: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(piece));
}

async function pathsStartingWith(zk: ZooKeeper, piece: string): Promise<string[]> {
  const slash = piece.lastIndexOf("/");
  const parent = slash === 0 ? "/" : piece.slice(0, slash);
  try {
    const { children } = await zk.children(parent);
    return startingWith(
      piece,
      children.toSorted().map((name) => childPath(parent, name)),
    );
  } catch (error) {
    // There is nothing to choose from where there is nothing, or nothing that may be seen.
    if (isKeeperError(error)) return [];
    throw error;
  }
}

import { CommandError } from "../command-error.ts";
import { readNamedFile } from "../read-named-file.ts";

/** An identity to prove: a scheme of ZooKeeper, and what proves it. */
export interface Proof {
  readonly scheme: string;
  readonly auth: string;
}

const LINE = /^(?<scheme>\S+)\s+(?<auth>.+)$/;

/**
 * Reads identities from a file, one a line as `addauth` takes it: `digest user:password`. Empty lines
 * and those that start with # are none.
 *
 * @throws CommandError that names the line; what is secret in it is never part of the message.
 */
export function readProofs(path: string): readonly Proof[] {
  const proofs: Proof[] = [];
  for (const [index, line] of readNamedFile("--auth-file", path).split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const { scheme, auth } = LINE.exec(line)?.groups ?? {};
    if (scheme === undefined || auth === undefined) {
      throw new CommandError(`expected "scheme auth" in line ${index + 1} of ${path}`);
    }
    proofs.push({ scheme, auth });
  }
  return proofs;
}

import { isFailure } from "../core/keeper-error.ts";
import { claimStore, ownerOf } from "../storage/member-identity.ts";
import type { Store } from "../storage/store.ts";
import type { Configuration } from "../zab/configuration.ts";
import { type InitialEnsemble, parseEnsemble } from "../zab/ensemble-text.ts";
import type { Env } from "./env.ts";
import type { MemberParts } from "./member.ts";
import { parseObjectName } from "./object-name.ts";

/** The named value that holds the initial configuration: JSON of {@link StoredEnsemble}. */
const KEY = "initialConfiguration";
const FORMAT_VERSION = 1;

interface StoredEnsemble {
  readonly version: number;
  readonly configuration: Configuration;
}

/**
 * Finds out whether an object is a member of an ensemble, and of which: its name says so.
 *
 * The variable counts when a member starts for the first time, then what was stored: two members
 * that go by different initial configurations could each find a majority.
 *
 * @returns undefined for a shard that stands alone.
 * @throws whatever says that the storage is somebody else's, or that the variable is missing or bad.
 */
export function findMembership(
  name: string | undefined,
  env: Env,
  store: Store,
): MemberParts | undefined {
  const { shard: ensemble, sid } = parseObjectName(name ?? "");
  if (sid === undefined) {
    const owner = ownerOf(store);
    if (owner === undefined) return undefined;
    throw new Error(
      "expected the storage of a shard that stands alone, " +
        `saw the one of member ${owner.sid} of ensemble ${owner.ensemble}`,
    );
  }
  claimStore(store, { ensemble, sid });
  const variable = env.ENSEMBLE === undefined ? undefined : parseEnsemble(env.ENSEMBLE);
  const stored = readStored(store);
  const parts = { objects: env.SHARD, namespace: ensemble.replace(/:\/$/, ""), ensemble, sid };
  if (stored !== undefined) {
    return { ...parts, initial: stored, variable: isFailure(variable) ? undefined : variable };
  }
  const initial = required(variable);
  store.setMeta(KEY, encode(initial.configuration));
  return { ...parts, initial: initial.configuration, variable: initial };
}

function required(variable: ReturnType<typeof parseEnsemble> | undefined): InitialEnsemble {
  if (variable === undefined) throw new Error("ENSEMBLE: expected the members, saw no variable");
  if (isFailure(variable)) throw new Error(variable.message);
  return variable;
}

function readStored(store: Store): Configuration | undefined {
  const bytes = store.getMeta(KEY);
  if (bytes === undefined) return undefined;
  const { version, configuration } = JSON.parse(new TextDecoder().decode(bytes)) as StoredEnsemble;
  if (version === FORMAT_VERSION) return configuration;
  throw new Error(
    `expected initial configuration format ${FORMAT_VERSION}, saw ${version}: deploy newer code`,
  );
}

function encode(configuration: Configuration): Uint8Array {
  const stored: StoredEnsemble = { version: FORMAT_VERSION, configuration };
  return new TextEncoder().encode(JSON.stringify(stored));
}

import { Code, failure, isFailure, type Outcome } from "../../core/keeper-error.ts";
import {
  initialConfigurationOf,
  keepInitialConfiguration,
} from "../../storage/initial-configuration.ts";
import { claimStore, type MemberIdentity, ownerOf } from "../../storage/member-identity.ts";
import type { Store } from "../../storage/store.ts";
import type { Configuration } from "../../zab/configuration.ts";
import { findDifference, type InitialEnsemble, parseEnsemble } from "../../zab/ensemble-text.ts";

/** What a member goes by. */
export interface Membership extends MemberIdentity {
  /** Counts until another one was committed. */
  readonly initial: Configuration;
  /** What the operator's variable says today; undefined if that is nothing. */
  readonly variable: InitialEnsemble | undefined;
}

/**
 * Makes a store that of a member, or checks that it is, and finds out with whom it begins.
 *
 * The variable counts when a member starts for the first time, then what was kept: two members
 * that go by different initial configurations could each find a majority.
 *
 * @param ensemble - the value of `ENSEMBLE`; undefined if it isn't set.
 * @throws whatever says that the storage is somebody else's, or that the variable is missing or bad.
 */
export function joinEnsemble(
  store: Store,
  identity: MemberIdentity,
  ensemble: unknown,
): Membership {
  claimStore(store, identity);
  const variable = read(ensemble);
  const kept = initialConfigurationOf(store);
  if (kept !== undefined) {
    return { ...identity, initial: kept, variable: isFailure(variable) ? undefined : variable };
  }
  if (isFailure(variable)) throw new Error(variable.message);
  keepInitialConfiguration(store, variable.configuration);
  return { ...identity, initial: variable.configuration, variable };
}

/** Checks that a store is no member's. @throws Error that says whose it is. */
export function standAlone(store: Store): void {
  const owner = ownerOf(store);
  if (owner === undefined) return;
  throw new Error(
    "expected the storage of a shard that stands alone, " +
      `saw the one of member ${owner.sid} of ensemble ${owner.ensemble}`,
  );
}

/** What an operator should hear about the variable. */
export function warningsOf(
  { variable }: Pick<Membership, "variable">,
  current: Configuration,
): readonly string[] {
  if (variable === undefined) return [];
  const difference = findDifference(variable.configuration, current);
  return difference === undefined ? variable.warnings : [...variable.warnings, difference];
}

function read(ensemble: unknown): Outcome<InitialEnsemble> {
  if (ensemble !== undefined) return parseEnsemble(ensemble);
  return failure(Code.BADARGUMENTS, "ENSEMBLE: expected the members, saw no variable");
}

import { type HardState, INITIAL_HARD_STATE, type ServerState } from "../zab/hard-state.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readConfiguration, writeConfiguration } from "./configuration-codec.ts";

/** The part of the hard state that changes with elections only, not with every commit. */
export type RoleState = Pick<HardState, "state" | "leader" | "configuration">;

/** The named value that holds it; a store without one is of a member that never had a role. */
export const ROLE_KEY = "role";

/**
 * A member's role as bytes:
 *
 *     version=1, state, leader, 0 or 1, configuration if 1
 */
const FORMAT_VERSION = 1;

const STATES = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"] as const;

/** Tells whether both are the same, so that nothing need be written. */
export function isSameRole(a: RoleState, b: RoleState): boolean {
  return a.state === b.state && a.leader === b.leader && a.configuration === b.configuration;
}

export function encodeRole({ state, leader, configuration }: RoleState): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.byte(STATES.indexOf(state));
  writer.unsigned(leader);
  writer.byte(configuration === undefined ? 0 : 1);
  if (configuration !== undefined) writeConfiguration(writer, configuration);
  return writer.take();
}

/**
 * Reads what {@link encodeRole} wrote.
 *
 * @param bytes - undefined if nothing was ever written.
 * @throws MalformedBytesError if the bytes are of a version that this code does not know: a member
 *   that guesses what it promised may break its promise.
 */
export function decodeRole(bytes: Uint8Array | undefined): RoleState {
  if (bytes === undefined) {
    const { state, leader, configuration } = INITIAL_HARD_STATE;
    return { state, leader, configuration };
  }
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(
      `expected hard state format ${FORMAT_VERSION}, saw ${version}: deploy newer code`,
    );
  }
  const at = reader.byte();
  const state: ServerState | undefined = STATES[at];
  if (state === undefined) throw new MalformedBytesError(`unknown state ${at} in a hard state`);
  const leader = reader.unsigned();
  const hasConfiguration = reader.byte() === 1;
  return { state, leader, configuration: hasConfiguration ? readConfiguration(reader) : undefined };
}

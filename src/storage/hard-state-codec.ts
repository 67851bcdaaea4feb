import type { Configuration, LearnerType, Member } from "../zab/configuration.ts";
import { type HardState, INITIAL_HARD_STATE, type ServerState } from "../zab/hard-state.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** The part of the hard state that changes with elections only, not with every commit. */
export type RoleState = Pick<HardState, "state" | "leader" | "configuration">;

/** The named value that holds it; a store without one is of a member that never had a role. */
export const ROLE_KEY = "role";

/**
 * A member's role as bytes:
 *
 *     role           version=1, state, leader, 0 or 1, configuration if 1
 *     configuration  version, number of members, members
 *     member         sid, type, region ("" = none)
 */
const FORMAT_VERSION = 1;

const STATES = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"] as const;
const TYPES = ["participant", "observer"] as const satisfies readonly LearnerType[];

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
  const state: ServerState = valueAt(STATES, reader.byte(), "state");
  const leader = reader.unsigned();
  const hasConfiguration = reader.byte() === 1;
  return { state, leader, configuration: hasConfiguration ? readConfiguration(reader) : undefined };
}

function writeConfiguration(writer: ByteWriter, { version, members }: Configuration): void {
  writer.unsigned(version);
  writer.unsigned(members.length);
  for (const { sid, type, region } of members) {
    writer.unsigned(sid);
    writer.byte(TYPES.indexOf(type));
    writer.string(region ?? "");
  }
}

function readConfiguration(reader: ByteReader): Configuration {
  const version = reader.unsigned();
  const members = Array.from({ length: reader.unsigned() }, (): Member => {
    const sid = reader.unsigned();
    const type = valueAt(TYPES, reader.byte(), "type");
    const region = reader.string();
    return region === "" ? { sid, type } : { sid, type, region };
  });
  return { version, members };
}

function valueAt<T>(values: readonly T[], at: number, what: string): T {
  const value = values[at];
  if (value === undefined) throw new MalformedBytesError(`unknown ${what} ${at} in a hard state`);
  return value;
}

import type { Configuration, LearnerType, Member } from "../zab/configuration.ts";
import { type ByteReader, MalformedBytesError } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

const TYPES = ["participant", "observer"] as const satisfies readonly LearnerType[];

/**
 * Writes a configuration as a part of something that has a version:
 *
 *     configuration  version, number of members, members
 *     member         sid, type, region ("" = none)
 */
export function writeConfiguration(writer: ByteWriter, { version, members }: Configuration): void {
  writer.unsigned(version);
  writer.unsigned(members.length);
  for (const { sid, type, region } of members) {
    writer.unsigned(sid);
    writer.byte(TYPES.indexOf(type));
    writer.string(region ?? "");
  }
}

/** Reads what {@link writeConfiguration} wrote. @throws MalformedBytesError */
export function readConfiguration(reader: ByteReader): Configuration {
  const version = reader.unsigned();
  const members = Array.from({ length: reader.unsigned() }, (): Member => {
    const sid = reader.unsigned();
    const at = reader.byte();
    const type = TYPES[at];
    if (type === undefined) {
      throw new MalformedBytesError(`unknown type ${at} of a member in a configuration`);
    }
    const region = reader.string();
    return region === "" ? { sid, type } : { sid, type, region };
  });
  return { version, members };
}

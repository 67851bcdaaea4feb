import type { Configuration } from "../zab/configuration.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readConfiguration, writeConfiguration } from "./configuration-codec.ts";
import type { Store } from "./store.ts";

/** The named value that holds it: version=1, configuration. */
const KEY = "initialConfiguration";
const FORMAT_VERSION = 1;

/**
 * What a member's ensemble began with, as far as that is known here: undefined before its first
 * start.
 *
 * @throws MalformedBytesError if a later version wrote it.
 */
export function initialConfigurationOf(store: Pick<Store, "getMeta">): Configuration | undefined {
  const bytes = store.getMeta(KEY);
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version === FORMAT_VERSION) return readConfiguration(reader);
  throw new MalformedBytesError(
    `expected initial configuration format ${FORMAT_VERSION}, saw ${version}: deploy newer code`,
  );
}

/** Keeps it, for good. */
export function keepInitialConfiguration(
  store: Pick<Store, "setMeta">,
  configuration: Configuration,
): void {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writeConfiguration(writer, configuration);
  store.setMeta(KEY, writer.take());
}

import type { Stat } from "../../core/stat.ts";
import type { OutputArchive } from "./output-archive.ts";

/** Writes the 68 bytes of a Stat. Source: `Stat` in `zookeeper.jute`. */
export function writeStat(archive: OutputArchive, stat: Stat): void {
  archive.long(stat.czxid);
  archive.long(stat.mzxid);
  archive.long(stat.ctime);
  archive.long(stat.mtime);
  archive.int(stat.version);
  archive.int(stat.cversion);
  archive.int(stat.aversion);
  archive.long(stat.ephemeralOwner);
  archive.int(stat.dataLength);
  archive.int(stat.numChildren);
  archive.long(stat.pzxid);
}

import process from "node:process";
import { cleanUp } from "../e2e/clean-up.ts";
import { benchEnsemble } from "./ensemble.ts";
import { benchJsonCodec } from "./json-codec.ts";
import { benchNative } from "./native.ts";
import { benchStorage } from "./storage.ts";
import { benchWebSocket } from "./websocket.ts";

/** What can be measured, in the order in which it runs. */
const PARTS: Readonly<Record<string, (words: readonly string[]) => void | Promise<void>>> = {
  "json-codec": benchJsonCodec,
  storage: benchStorage,
  websocket: benchWebSocket,
  native: benchNative,
  ensemble: benchEnsemble,
};

const [name, ...words] = process.argv.slice(2);
const parts = name === undefined ? Object.keys(PARTS) : [name];
try {
  for (const part of parts) {
    const bench = PARTS[part];
    if (bench === undefined) {
      throw new Error(`expected one of ${Object.keys(PARTS).join(", ")}, saw ${part}`);
    }
    console.log(`\n${part}`);
    await bench(words);
  }
} finally {
  await cleanUp();
}

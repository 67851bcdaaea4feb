import { runSeed } from "./run-seed.ts";

// A child of `SeedPool`: gets seeds one by one, answers with what they came to. With a planted bug it
// was started with `plant.ts` preloaded, so that the production code it loads is a broken one.
process.on("message", (seed) => {
  if (typeof seed === "number") process.send?.(runSeed(seed));
});

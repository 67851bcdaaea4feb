/**
 * What runs locally: the deployed service, and a place for what only development may have. Nothing
 * of this file is in a deployment, which starts at `index.ts`.
 */
export { default, Shard } from "./index.ts";

import { createApp } from "./gateway/app.ts";
import type { Env } from "./shard/env.ts";

/** What other Workers of the account bind. */
export { Keeper } from "./binding/keeper.ts";
/** The class of the Durable Objects, under the name that `wrangler.toml` binds. */
export { Shard } from "./shard/shard.ts";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;

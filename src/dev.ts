/**
 * What runs locally: the deployed service, and what only development may have. Nothing of this file
 * is in a deployment, which starts at `index.ts`.
 */
import { readAnonymousRole } from "./gateway/anonymous-role.ts";
import { createApp } from "./gateway/app.ts";
import type { Env } from "./shard/env.ts";

export { Shard } from "./index.ts";

const app = createApp({ readAnonymousRole });

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;

/**
 * What runs locally: the deployed service, and what only development may have. Nothing of this file
 * is in a deployment, which starts at `index.ts`.
 */
import { readAnonymousRole } from "./gateway/anonymous-role.ts";
import { createApp } from "./gateway/app.ts";
import { ENSEMBLE_CONTROL_ROUTES } from "./gateway/routes/ensemble-controls.ts";
import { createConnect } from "./gateway/tcp.ts";
import type { Env } from "./shard/env.ts";

export { Keeper } from "./binding/keeper.ts";
export { DevelopmentShard as Shard } from "./development-shard.ts";

const options = { readAnonymousRole, controls: ENSEMBLE_CONTROL_ROUTES };
const app = createApp(options);

export default {
  fetch: app.fetch,
  // Clients over TCP show no token, so there is no TCP where nobody may be anonymous.
  connect: createConnect(options),
} satisfies ExportedHandler<Env>;

/**
 * What `edgekeeper serve` runs: the deployed service, and what a server of one's own may have besides:
 * TCP, and callers without a token where its operator agreed to them. No controls of development.
 */
import { readAnonymousRole } from "./gateway/anonymous-role.ts";
import { createApp } from "./gateway/app.ts";
import { readConsent } from "./gateway/consent.ts";
import { createConnect } from "./gateway/tcp.ts";
import type { Env } from "./shard/env.ts";

export { Shard } from "./shard/shard.ts";

const options = { readAnonymousRole, readConsent };
const app = createApp(options);

export default {
  fetch: app.fetch,
  connect: createConnect(options),
} satisfies ExportedHandler<Env>;

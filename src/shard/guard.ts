/**
 * Runs an entry point of the shard. An exception that gets here is a broken invariant: memory can't
 * be trusted any more, and what was written in this turn would be committed half done, because a
 * throw alone doesn't roll back the implicit transaction. So the object is reset in the same turn;
 * the next instance recovers from the log.
 *
 * Source: Cloudflare, Durable Object state `abort` (compatibility date 2026-11-01).
 */
export function guard<T>(ctx: DurableObjectState, body: () => T): T {
  try {
    return body();
  } catch (error) {
    ctx.abort(error instanceof Error ? (error.stack ?? error.message) : String(error));
    throw error;
  }
}

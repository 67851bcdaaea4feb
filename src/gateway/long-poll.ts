import { formatZxid } from "../core/zxid.ts";
import type { EventJson } from "../protocol/json/messages.ts";
import { jsonResponse } from "./response.ts";
import type { Call } from "./route.ts";
import { openWatch, type WatchAsk, wanted, zxidOf } from "./watch.ts";

/** The longest wait: below the idle limits of the usual proxies. */
export const WAIT_MS_MAX = 60_000;

/**
 * Waits for the next change: the same watch as a stream, for clients without one.
 *
 * Answers `{path, zxid, events}`, at once if something happened since `since`. The zxid is what to
 * ask with the next time; nothing is missed in between. No events means that the time was up.
 */
export async function pollWatch(call: Call, ask: WatchAsk, waitMs: number): Promise<Response> {
  const watch = await openWatch(call, ask);
  try {
    const closeSocket = (): void => watch.socket.close();
    call.request.signal?.addEventListener("abort", closeSocket);
    const dueMs = Date.now() + waitMs;
    let events: readonly EventJson[] = watch.missed;
    while (events.length === 0) {
      const next = await watch.socket.nextEvents(Math.max(0, dueMs - Date.now()));
      if (typeof next === "string") break;
      events = wanted(next, ask.kind);
    }
    const zxid = Math.max(watch.zxid, ...events.map(zxidOf));
    const body = { path: ask.path, zxid: formatZxid(zxid), events };
    return jsonResponse(JSON.stringify(body), { zxid });
  } finally {
    watch.socket.close();
  }
}

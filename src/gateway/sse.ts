import { Code } from "../core/keeper-error.ts";
import { LIMITS } from "../core/limits.ts";
import { type Zxid, formatZxid } from "../core/zxid.ts";
import type { EventJson, ReplyJson } from "../protocol/json/messages.ts";
import { HttpProblem } from "./problem.ts";
import { answerHeaders } from "./response.ts";
import type { Call } from "./route.ts";
import { openWatch, readState, type Watch, type WatchAsk, wanted, zxidOf } from "./watch.ts";

/** Silence after which a comment is sent, so that nobody on the way takes the stream for dead. */
const HEARTBEAT_MS = 15_000;

/** What a browser waits before it comes back; the platform replaces a lost object at once. */
const RETRY_MS = 1_000;

const UTF8 = new TextEncoder();

/** What the first event holds: the znode as a reply shows it. */
type State = Omit<ReplyJson, "id"> & { readonly exists: boolean; readonly reset?: boolean };

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * Answers with server-sent events: first the state, then what changes, each `id` a zxid. It ends
 * here, so that the object can hibernate while nothing changes.
 *
 * Without `since`, events that came ahead of the state are part of it and dropped. With `since` the
 * events missed follow the state, and the state has no `id` unless there are none: whoever is cut
 * off in between must not skip them when it resumes.
 *
 * A client that vanished is noticed when a heartbeat can't be written, if not before; the runtime
 * cancels the stream then.
 *
 * Source: WHATWG HTML, server-sent events.
 *
 * @throws HttpProblem before anything is sent.
 */
export async function streamWatch(call: Call, ask: WatchAsk): Promise<Response> {
  const { watch, isReset } = await resume(call, ask);
  try {
    const { reply, events } = await readState(call, watch, ask);
    const zxid = zxidOf(reply);
    const missed = ask.since === undefined || isReset ? [] : [...watch.missed, ...events];
    const first = [
      `retry: ${RETRY_MS}\n\n`,
      stateText(stateOf(reply, isReset), missed.length === 0 ? zxid : undefined),
      ...missed.map(eventText),
    ];
    const headers = { ...answerHeaders({ zxid }), "Content-Type": "text/event-stream" };
    const body = startStream(watch, ask, { first: first.join(""), zxid });
    call.request.signal?.addEventListener("abort", () => watch.socket.close());
    return new Response(body, { headers });
  } catch (error) {
    watch.socket.close();
    throw error;
  }
}

/**
 * Opens the watch. If the log no longer reaches back to where a browser resumes, what it missed is
 * lost: the state then says `reset`, and the client reads again what it cares for.
 */
async function resume(
  call: Call,
  ask: WatchAsk,
): Promise<{ readonly watch: Watch; readonly isReset: boolean }> {
  try {
    return { watch: await openWatch(call, ask), isReset: false };
  } catch (error) {
    const isTooOld = error instanceof HttpProblem && error.code === Code.BADARGUMENTS;
    if (!isTooOld || ask.isResumed !== true) throw error;
    const { since: _, ...fresh } = ask;
    return { watch: await openWatch(call, fresh), isReset: true };
  }
}

function startStream(
  watch: Watch,
  ask: WatchAsk,
  { first, zxid }: { readonly first: string; readonly zxid: Zxid },
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(UTF8.encode(first));
        // Runs beside the stream for as long as it lives, and ends with the socket.
        void pump(controller, watch, (events) =>
          wanted(events, ask.kind).filter((event) => zxidOf(event) > zxid),
        );
      },
      cancel: () => watch.socket.close(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: LIMITS.SEND_BUFFER_BYTES_MAX }),
  );
}

/** Moves events from the socket to the stream until either ends. */
async function pump(
  controller: Controller,
  { socket }: Watch,
  select: (events: readonly EventJson[]) => readonly EventJson[],
): Promise<void> {
  for (;;) {
    const events = await socket.nextEvents(HEARTBEAT_MS);
    if (events === "closed" || (events === "timeout" && !socket.ping())) break;
    const text = events === "timeout" ? ": heartbeat\n\n" : select(events).map(eventText).join("");
    if (!send(controller, text)) break;
  }
  socket.close();
  end(controller);
}

/** @returns false for a client that doesn't read, or has gone. */
function send(controller: Controller, text: string): boolean {
  if ((controller.desiredSize ?? 0) <= 0) return false;
  if (text !== "") controller.enqueue(UTF8.encode(text));
  return true;
}

function end(controller: Controller): void {
  // A cancelled stream is closed already and has no size.
  if (controller.desiredSize === null) return;
  try {
    controller.close();
  } catch {
    // Cancelled between two turns: nobody is there to be told.
  }
}

function stateText(state: State, id: Zxid | undefined): string {
  const idLine = id === undefined ? "" : `id: ${formatZxid(id)}\n`;
  return `${idLine}event: state\ndata: ${JSON.stringify(state)}\n\n`;
}

function stateOf(reply: ReplyJson, isReset: boolean): State {
  const { id: _, ...state } = reply;
  return { ...state, exists: reply.stat !== undefined, ...(isReset && { reset: true }) };
}

function eventText(event: EventJson): string {
  return `id: ${event.zxid ?? ""}\nevent: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`;
}

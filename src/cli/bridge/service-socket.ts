import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { cutReason } from "../../protocol/close-reason.ts";
import type { PumpShard, ShardListener } from "../../protocol/pump-runner.ts";
import { CommandError } from "../command-error.ts";
import { routeUrl, type Service, serviceHeaders, tlsOptions } from "../server/service.ts";
import { describeError, describeStatus } from "../server/service-failure.ts";

/** The subprotocol of ZooKeeper's own bytes. */
const SUBPROTOCOL = "zookeeper";

/** How long the service may take to accept a WebSocket. */
const OPENING_MS = 10_000;

/** Bytes of one message from the shard, at most; what it sends in one flush is far below. */
const MESSAGE_BYTES_MAX = 33_554_432;

/** Characters that are read of the answer to an upgrade that was refused. */
const REFUSAL_LENGTH_MAX = 4_096;

/** A normal closure. Source: RFC 6455 §7.4.1. */
const CLOSED = 1000;

/** From here on a code tells what became of a session; its client knows by itself [BG8]. */
const SESSION_CODE_MIN = 4000;

/** A WebSocket to a shard that can make the service wait. */
export interface ServiceSocket extends PumpShard {
  /** Stops reading. */
  pause(): void;
  resume(): void;
}

/** What goes with a {@link ServiceSocket}. */
export interface SocketOptions {
  readonly listener: ShardListener;
  /** Takes a line when the service or the way to it ends a connection that was open. */
  readonly report: (line: string) => void;
  /** Closes at once, also while it opens. */
  readonly signal: AbortSignal;
}

/**
 * Opens a WebSocket to the shard of a service's namespace.
 *
 * @throws CommandError (as a rejection) that says what was expected and what was seen instead.
 */
export function openServiceSocket(
  service: Service,
  { listener, report, signal }: SocketOptions,
): Promise<ServiceSocket> {
  const url = routeUrl(service, "/ws");
  const opening = Promise.withResolvers<ServiceSocket>();
  const socket = new WebSocket(url.href, SUBPROTOCOL, {
    ...tlsOptions(service),
    headers: serviceHeaders(service),
    handshakeTimeout: OPENING_MS,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  const abort = (): void => socket.terminate();
  signal.addEventListener("abort", abort);
  let problem: string | undefined;
  let isOpen = false;
  socket.on("unexpected-response", (_request, answer) => {
    void readRefusal(answer).then((body) => {
      problem = describeStatus(url, answer.statusCode ?? 0, body);
      socket.terminate();
    });
  });
  socket.on("error", (error) => (problem ??= describeError(url, error)));
  socket.on("open", () => {
    isOpen = true;
    opening.resolve(portOf(socket));
  });
  socket.on("message", (data, isBinary) => {
    // Always one Buffer, since `binaryType` is left alone.
    if (data instanceof Buffer) listener.onMessage(isBinary ? data : data.toString());
  });
  socket.on("close", (code, reason) => {
    signal.removeEventListener("abort", abort);
    const isOrdinary = code === CLOSED || code >= SESSION_CODE_MIN || signal.aborted;
    const seen = `${code} ${reason.toString()}`.trimEnd();
    problem ??= isOrdinary ? undefined : `expected the service to keep a connection, saw ${seen}`;
    if (isOpen && problem !== undefined && !signal.aborted) report(problem);
    opening.reject(new CommandError(problem ?? `expected ${url.href} to open, saw the end`));
    listener.onClosed();
  });
  return opening.promise;
}

/** Tells whether the service lets a client in, by coming and going: what is wrong if it does not. */
export async function findProblem(service: Service): Promise<string | undefined> {
  const closed = Promise.withResolvers<void>();
  const listener = { onMessage: () => undefined, onClosed: closed.resolve };
  const signal = AbortSignal.timeout(2 * OPENING_MS);
  try {
    const socket = await openServiceSocket(service, { listener, report: () => undefined, signal });
    socket.close("looked whether the service is there");
    await closed.promise;
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

function portOf(socket: WebSocket): ServiceSocket {
  return {
    send: (message) => socket.send(message),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (reason) => {
      // A socket that is not read never sees the answer to its close.
      socket.resume();
      socket.close(CLOSED, cutReason(reason));
    },
  };
}

/** Reads why an upgrade was refused, as far as that is short. */
async function readRefusal(answer: IncomingMessage): Promise<string> {
  let body = "";
  try {
    for await (const text of answer.setEncoding("utf8")) {
      body += String(text);
      if (body.length > REFUSAL_LENGTH_MAX) break;
    }
  } catch {
    // What came has to do.
  }
  return body;
}

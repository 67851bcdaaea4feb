/** One server-sent event. */
export interface ServerSentEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Opens a watch over HTTP and yields what it sends; ending the loop ends the watch.
 *
 * @throws Error if the service answers anything but a stream.
 */
export async function* eventStream(url: string): AsyncGenerator<ServerSentEvent> {
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  if (!response.ok || response.body === null) {
    throw new Error(`${url}: ${response.status} ${await response.text()}`);
  }
  try {
    let text = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const parts = (text + chunk).split("\n\n");
      text = parts.pop() ?? "";
      yield* parts.map(parseEvent).filter((event) => event !== undefined);
    }
  } finally {
    stop.abort();
  }
}

/** Source: WHATWG HTML, server-sent events. Comments and `retry` alone make no event. */
function parseEvent(block: string): ServerSentEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id"),
    data: JSON.parse(data) as Record<string, unknown>,
  };
}

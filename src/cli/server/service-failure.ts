/** Codes of errors that mean that nobody answers there. Source: Node "Common system errors". */
const UNREACHABLE = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
]);

/** Codes of a TLS handshake that failed. Source: Node "TLS/SSL errors", OpenSSL `verify`. */
const TLS = /^ERR_(TLS|SSL)|^EPROTO$|^CERT_|_CERT_|_CERT$|_CERTIFICATE$|^UNABLE_TO_|^HOSTNAME_MIS/;

/** What a status means for whoever started the command. */
const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: "pass a token it knows by --token-file or EDGEKEEPER_TOKEN",
  403: "the token does not allow this, or not in this namespace",
  404: "no edgekeeper answers at this URL",
};

/** What most commands want of a service. */
const WEB_SOCKET = "a WebSocket with the subprotocol zookeeper";

/** Says in one line why no connection to `url` was made, by whoever expected `what` there. */
export function describeError(url: URL, error: Error, what: string = WEB_SOCKET): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const seen = oneLine(error.message === "" ? code : error.message);
  if (TLS.test(code)) {
    const hint = "--ca FILE names another authority";
    return `expected ${url.host} to show a certificate that is trusted, saw: ${seen} (${hint})`;
  }
  if (UNREACHABLE.has(code)) return `expected a service at ${url.origin}, saw: ${seen}`;
  return `expected ${what} at ${url.href}, saw: ${seen}`;
}

/**
 * Says in one line what came instead of the answer that was expected.
 *
 * @param body what came with it: of a problem (RFC 9457) its detail is shown, of others nothing.
 */
export function describeStatus(
  url: URL,
  status: number,
  body: string,
  what: string = WEB_SOCKET,
): string {
  const detail = problemDetail(body);
  const hint = STATUS_HINTS[status] ?? (status < 400 ? STATUS_HINTS[404] : undefined);
  const seen = detail === undefined ? `${status}` : `${status}, ${oneLine(detail)}`;
  const line = `expected ${what} at ${url.href}, saw ${seen}`;
  return hint === undefined ? line : `${line} (${hint})`;
}

function problemDetail(body: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(body);
    const isProblem = typeof problem === "object" && problem !== null && "detail" in problem;
    return isProblem && typeof problem.detail === "string" ? problem.detail : undefined;
  } catch {
    // A page of somebody else; its status says enough.
    return undefined;
  }
}

/** What others wrote must neither break the line nor steer the terminal. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

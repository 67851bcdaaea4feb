/**
 * Tells whether a request was addressed to this machine by a loopback name.
 *
 * A page that rebinds its own name to 127.0.0.1 shows that name, so it is no loopback Host.
 */
export function isLoopbackHost(request: Request): boolean {
  const host = request.headers.get("Host");
  if (host !== null && !isLoopbackName(URL.parse(`http://${host}`)?.hostname)) return false;
  return isLoopbackName(URL.parse(request.url)?.hostname);
}

/** `localhost`, its subdomains (RFC 6761), 127.0.0.0/8 and `::1`; URL parsers normalise the rest. */
function isLoopbackName(hostname: string | undefined): boolean {
  if (hostname === undefined) return false;
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

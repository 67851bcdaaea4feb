/**
 * Tells whether a request was addressed to this machine by a loopback name.
 *
 * A page that rebinds its own name to 127.0.0.1 shows that name, so it is no loopback Host.
 */
export function isLoopbackHost(request: Request): boolean {
  return hostnamesOf(request).every(isLoopbackName);
}

/**
 * Tells whether callers without a token may address the server as this request does.
 *
 * A page can rebind a name that it owns to our address, and then is of our origin. It can't do so with
 * an address, nor with names that are the operator's own.
 *
 * @param names - in lower case; undefined: loopback names only.
 */
export function isAnonymousHost(request: Request, names: ReadonlySet<string> | undefined): boolean {
  if (names === undefined) return isLoopbackHost(request);
  return hostnamesOf(request).every(
    (name) => isLoopbackName(name) || isAddress(name) || names.has(name),
  );
}

/** What the request says that we are called: by its header and by its URL, empty for what is none. */
function hostnamesOf(request: Request): string[] {
  const host = request.headers.get("Host");
  const urls = [request.url, ...(host === null ? [] : [`http://${host}`])];
  return urls.map((url) => URL.parse(url)?.hostname ?? "");
}

/** URL parsers write every IPv4 address with dots, whatever it was, and IPv6 in brackets. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname);
}

/** `localhost`, its subdomains (RFC 6761), 127.0.0.0/8 and `::1`; URL parsers normalise the rest. */
function isLoopbackName(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

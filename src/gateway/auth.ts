import type { Id } from "../core/acl.ts";
import type { Identity, Role } from "../core/identity.ts";
import { hasRole } from "../core/identity.ts";
import { Code } from "../core/keeper-error.ts";
import { decodeBase64Url } from "../protocol/base64.ts";
import type { GatewayConfig } from "./config.ts";
import { isAnonymousHost, isLoopbackHost } from "./host.ts";
import { addressOfPeer } from "./peer.ts";
import { HttpProblem, badRequest } from "./problem.ts";
import { offeredSubprotocols } from "./subprotocols.ts";
import { findToken, opensNamespace } from "./tokens.ts";

/** Identities a caller shows with `ZooKeeper-Auth`; the shard checks them. */
export type ShownAuth = readonly { readonly scheme: string; readonly auth: string }[];

const BEARER_SUBPROTOCOL = "edgekeeper.bearer.";
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Finds out who calls: the token's role and ids, or the anonymous role on a Host for it, and the ids
 * of the connection. A token that is shown must be right, also where anonymous access exists.
 *
 * @throws HttpProblem 401 without or with a wrong token, 403 for another's namespace.
 */
export async function identify(
  request: Request,
  config: GatewayConfig,
  namespace: string,
): Promise<Identity> {
  const connectionIds = idsOfConnection(request);
  const presented = presentedToken(request);
  if (presented === undefined) {
    const { anonymousRole, anonymousHosts } = config;
    if (anonymousRole !== undefined && isAnonymousHost(request, anonymousHosts)) {
      return { role: anonymousRole, ids: connectionIds };
    }
    throw unauthorized(
      anonymousHosts === undefined
        ? "expected Authorization: Bearer <token>, got none"
        : "expected Authorization: Bearer <token>, or a Host that is an IP address or a name in " +
            "ANONYMOUS_HOSTS, got neither",
    );
  }
  const token = await findToken(config.tokens, presented);
  if (token === undefined) throw unauthorized("the bearer token is none of this service");
  if (!opensNamespace(token, namespace)) {
    throw new HttpProblem(Code.NOAUTH, `token ${token.name} doesn't open this namespace`, {
      seen: namespace,
    });
  }
  return { role: token.role, ids: [...connectionIds, ...token.ids] };
}

/** @throws HttpProblem 403 if the caller's role is less than what the operation needs. */
export function checkRole(identity: Identity, needed: Role): void {
  if (hasRole(identity.role, needed)) return;
  throw new HttpProblem(Code.NOAUTH, `expected role ${needed}, got ${identity.role}`, {
    expected: needed,
    seen: identity.role,
  });
}

/**
 * Reads `ZooKeeper-Auth: digest user:password`, which may stand several times. Headers of one name
 * reach us joined by commas, so a password must not hold `, digest `.
 *
 * @throws HttpProblem 400 for another scheme or characters that headers garble.
 */
export function shownAuth(request: Request): ShownAuth {
  const header = request.headers.get("ZooKeeper-Auth");
  if (header === null) return [];
  return header.split(/,\s*(?=digest )/).map((entry) => {
    const auth = /^digest ([\x20-\x7e]+:[\x20-\x7e]*)$/.exec(entry)?.[1];
    if (auth !== undefined) return { scheme: "digest", auth };
    throw badRequest("ZooKeeper-Auth: expected digest <user>:<password> in printable ASCII");
  });
}

function unauthorized(message: string): HttpProblem {
  return new HttpProblem(Code.AUTHFAILED, message, {
    headers: { "WWW-Authenticate": 'Bearer realm="edgekeeper"' },
  });
}

/** The token of the header, or of the subprotocol, which is all that browsers can set. */
function presentedToken(request: Request): string | undefined {
  const header = request.headers.get("Authorization");
  if (header !== null) {
    const token = /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
    if (token === undefined) throw unauthorized("Authorization: expected Bearer <token>");
    return token;
  }
  const carriers = offeredSubprotocols(request).filter((one) => one.startsWith(BEARER_SUBPROTOCOL));
  const [carrier] = carriers;
  if (carrier === undefined) return undefined;
  const token = decodeToken(carrier.slice(BEARER_SUBPROTOCOL.length));
  if (token === undefined || carriers.length > 1) {
    throw unauthorized(`expected one subprotocol ${BEARER_SUBPROTOCOL}<base64url of the token>`);
  }
  return token;
}

function decodeToken(text: string): string | undefined {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) return undefined;
  try {
    return UTF8.decode(bytes);
  } catch {
    // No UTF-8, so no token.
    return undefined;
  }
}

/**
 * The ids that come with the connection itself: its address, and a client certificate that the
 * edge has verified.
 *
 * A bare workerd knows its peer. Cloudflare's edge says who it is in a header; elsewhere that is the
 * client's word, so a self-hosted server has it taken out. The local runtime of wrangler says nothing.
 *
 * Source: ZooKeeper `IPAuthenticationProvider`, `X509AuthenticationProvider`; workerd `server.c++`
 * (`clientIp`); Cloudflare "Request headers" (`CF-Connecting-IP` is set by the edge, whatever the client
 * sends) and `tlsClientAuth`.
 */
function idsOfConnection(request: Request): Id[] {
  const { cf } = request as { cf?: { clientIp?: string } };
  const header = isLoopbackHost(request) ? "127.0.0.1" : request.headers.get("CF-Connecting-IP");
  const address = addressOfPeer(cf?.clientIp) ?? header;
  const subject = certificateSubject(request);
  return [
    ...(address === null ? [] : [{ scheme: "ip", id: address }]),
    ...(subject === undefined ? [] : [{ scheme: "x509", id: subject }]),
  ];
}

/** The subject as ZooKeeper compares it: RFC 2253. */
function certificateSubject(request: Request): string | undefined {
  const { cf } = request as {
    cf?: { tlsClientAuth?: Partial<IncomingRequestCfPropertiesTLSClientAuth> };
  };
  const certificate = cf?.tlsClientAuth;
  if (certificate?.certVerified !== "SUCCESS" || certificate.certRevoked === "1") return undefined;
  const subject = certificate.certSubjectDNRFC2253;
  return subject === "" ? undefined : subject;
}

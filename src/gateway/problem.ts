import { Code, type CodeName, type Failure, findCodeName } from "../core/keeper-error.ts";
import { type Zxid, formatZxid } from "../core/zxid.ts";

/** What a problem may carry beside its code and message. */
export interface ProblemDetails {
  readonly path?: string;
  readonly expected?: string | number;
  readonly seen?: string | number;
  /** Where the code's own status says too little: 405, 406, 413, 415, 426. */
  readonly status?: number;
  /** `Allow`, `WWW-Authenticate`, `Upgrade`, … */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer that failed; 0 where no shard was asked. */
  readonly zxid?: Zxid;
  /** Where the code's own title says something else than what happened. */
  readonly title?: string;
  /** Which part of a multi failed, from 0. */
  readonly index?: number;
}

/**
 * A refusal on its way to the client. Thrown, unlike failures of the layers below: this is the
 * user's edge, and whoever finds a reason to refuse is rarely who answers.
 */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: Code;
  readonly details: ProblemDetails;

  constructor(code: Code, message: string, details: ProblemDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return this.details.status ?? PROBLEMS[codeName(this.code)].status;
  }
}

/** What each code means over HTTP. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** The one table of codes and statuses; the documentation page prints it. */
export const PROBLEMS: Readonly<Record<CodeName, ProblemKind>> = {
  OK: { status: 500, title: "a success was reported as a failure" },
  SYSTEMERROR: { status: 500, title: "the service is broken or badly configured" },
  RUNTIMEINCONSISTENCY: { status: 409, title: "an earlier part of the multi failed" },
  DATAINCONSISTENCY: { status: 500, title: "stored data is inconsistent" },
  CONNECTIONLOSS: { status: 503, title: "the shard was lost; whether it acted is unknown" },
  MARSHALLINGERROR: { status: 400, title: "the body can't be decoded" },
  UNIMPLEMENTED: { status: 501, title: "there is no such operation" },
  OPERATIONTIMEOUT: { status: 504, title: "the operation took too long" },
  BADARGUMENTS: { status: 400, title: "an argument is illegal" },
  UNKNOWNSESSION: { status: 404, title: "there is no such session" },
  NEWCONFIGNOQUORUM: { status: 503, title: "the new configuration has no quorum" },
  RECONFIGINPROGRESS: { status: 409, title: "another reconfiguration is in progress" },
  NONODE: { status: 404, title: "the znode doesn't exist" },
  NOAUTH: { status: 403, title: "not permitted" },
  BADVERSION: { status: 412, title: "the version is another one" },
  NOCHILDRENFOREPHEMERALS: { status: 409, title: "an ephemeral can't have children" },
  NODEEXISTS: { status: 409, title: "the znode exists" },
  NOTEMPTY: { status: 409, title: "the znode has children" },
  SESSIONEXPIRED: { status: 410, title: "the session is gone" },
  INVALIDACL: { status: 422, title: "the ACL is not valid" },
  AUTHFAILED: { status: 401, title: "authentication failed" },
  SESSIONMOVED: { status: 409, title: "the session has moved to another server" },
  NOTREADONLY: { status: 503, title: "the server is read-only" },
  EPHEMERALONLOCALSESSION: { status: 409, title: "a local session can't own ephemerals" },
  NOWATCHER: { status: 404, title: "there is no such watch" },
  REQUESTTIMEOUT: { status: 504, title: "the request took too long" },
  RECONFIGDISABLED: { status: 403, title: "reconfiguration is disabled" },
  SESSIONCLOSEDREQUIRESASLAUTH: { status: 401, title: "authentication is required" },
  QUOTAEXCEEDED: { status: 403, title: "the quota is exceeded" },
  THROTTLEDOP: { status: 429, title: "too many requests" },
};

/** Seconds after which a client may try again; the platform replaces a lost object at once. */
const RETRY_AFTER_SECONDS = 1;

/** A malformed request. */
export function badRequest(message: string, details: ProblemDetails = {}): HttpProblem {
  return new HttpProblem(Code.BADARGUMENTS, message, details);
}

/** A mistake of the operator, not of the client; the message must hold no value of a secret. */
export function badConfig(message: string): HttpProblem {
  return new HttpProblem(Code.SYSTEMERROR, message);
}

/** A body over a limit. */
export function tooLarge(limitName: string, limit: number, seen: number | string): HttpProblem {
  return badRequest(`${limitName} is ${limit}, got ${seen}`, {
    status: 413,
    expected: limit,
    seen,
  });
}

/**
 * What nobody foresaw: a defect of ours. The client learns nothing of it, the Worker's log does.
 */
export function unexpectedProblem(error: unknown): HttpProblem {
  // oxlint-disable-next-line no-console -- the only trace that a defect leaves
  console.error(error);
  return new HttpProblem(Code.SYSTEMERROR, "the service failed: this is a defect of it");
}

/** A failure of the shard, with the zxid of its answer. */
export function problemOf(failure: Failure, zxid: Zxid): HttpProblem {
  const { code, message, path, expected, seen, failedAt } = failure;
  return new HttpProblem(code, message, {
    zxid,
    ...(path !== undefined && { path }),
    ...(expected !== undefined && { expected }),
    ...(seen !== undefined && { seen }),
    ...(failedAt !== undefined && { index: failedAt }),
  });
}

/**
 * Writes a problem as `application/problem+json`.
 *
 * Source: RFC 9457; `code` and `number` are ZooKeeper's, `index` is the failing part of a multi.
 */
export function problemResponse(problem: HttpProblem): Response {
  const {
    status: _,
    headers,
    zxid,
    title = PROBLEMS[codeName(problem.code)].title,
    ...details
  } = problem.details;
  const name = codeName(problem.code);
  const status = problem.status;
  const body = {
    type: `/docs#${name}`,
    title,
    status,
    detail: problem.message,
    code: name,
    number: problem.code,
    ...details,
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      Zxid: formatZxid(zxid ?? 0),
      ...((status === 503 || status === 429) && { "Retry-After": `${RETRY_AFTER_SECONDS}` }),
      ...headers,
    },
  });
}

function codeName(code: Code): CodeName {
  return findCodeName(code) ?? "SYSTEMERROR";
}

import type { SessionId } from "../../../src/core/data-node.ts";
import type { LoggedTxn, Txn } from "../../../src/core/txn.ts";
import type { Checker, Violation } from "../history.ts";
import { describeTxn } from "./describe.ts";
import { type Row, violation } from "./violation.ts";

const EPHEMERALS = { checker: "ephemerals", rule: "CG16" };

/**
 * Checks that ephemerals go exactly with their session: all of them at the zxid of its end, none of
 * another session, and that nothing is done for a session before its start and behind its end.
 *
 * Looks at txns alone, so that it doesn't matter who else would notice.
 */
export const checkEphemerals: Checker = ({ txns }) => {
  const sessions = new Sessions();
  return txns.flatMap((logged) => sessions.follow(logged));
};

class Sessions {
  readonly #started = new Map<SessionId, LoggedTxn>();
  readonly #ended = new Map<SessionId, LoggedTxn>();
  /** Ephemerals that are there, with the txn that made each. */
  readonly #ownerOf = new Map<string, { readonly session: SessionId; readonly by: LoggedTxn }>();

  follow(logged: LoggedTxn): Violation[] {
    const { header, txn } = logged;
    const violations = this.#checkLife(logged);
    if (txn.type === "createSession") this.#started.set(txn.id, logged);
    if (txn.type === "closeSession") {
      violations.push(...this.#checkEnd(logged));
      this.#ended.set(header.sessionId, logged);
    }
    this.#note(txn, logged);
    return violations;
  }

  #checkLife(logged: LoggedTxn): Violation[] {
    const { header, txn } = logged;
    const id = txn.type === "createSession" ? txn.id : header.sessionId;
    if (id === 0) return [];
    const ended = this.#ended.get(id);
    // A request that came too late is refused by a txn of its own.
    if (ended !== undefined && txn.type === "error") return [];
    if (ended !== undefined) {
      const sentence = `a txn of session ${id.toString(16)} stands behind its end`;
      return [violation(EPHEMERALS, sentence, [ended, logged].map(describeTxn))];
    }
    if (this.#started.has(id) || txn.type === "createSession") return [];
    const sentence = `a txn of session ${id.toString(16)} stands before its start`;
    return [violation(EPHEMERALS, sentence, [describeTxn(logged)])];
  }

  #checkEnd(logged: LoggedTxn): Violation[] {
    const { header, txn } = logged;
    if (txn.type !== "closeSession") return [];
    const deleted = new Set(txn.deletes.map(({ path }) => path));
    const left: Row[] = [];
    for (const [path, { session, by }] of this.#ownerOf) {
      if (session !== header.sessionId || deleted.delete(path)) continue;
      left.push(["left behind", path, ...describeTxn(by)]);
    }
    const others = [...deleted].map((path): Row => {
      const owner = this.#ownerOf.get(path);
      const of = owner === undefined ? "nobody" : `session ${owner.session.toString(16)}`;
      return ["deleted", path, `which is of ${of}`];
    });
    if (left.length + others.length === 0) return [];
    const sentence = "a session's end did not delete its ephemerals, and nothing else";
    return [violation(EPHEMERALS, sentence, [describeTxn(logged), ...left, ...others])];
  }

  #note(txn: Txn, by: LoggedTxn): void {
    switch (txn.type) {
      case "create":
        if (txn.ephemeralOwner !== 0) {
          this.#ownerOf.set(txn.path, { session: txn.ephemeralOwner, by });
        }
        return;
      case "delete":
        this.#ownerOf.delete(txn.path);
        return;
      case "multi":
        for (const sub of txn.txns) this.#note(sub, by);
        return;
      case "closeSession":
        for (const sub of txn.deletes) this.#note(sub, by);
        return;
      default:
        return;
    }
  }
}

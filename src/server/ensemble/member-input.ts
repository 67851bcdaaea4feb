import type { LoggedTxn } from "../../core/txn.ts";
import type { Configuration, Sid } from "../../zab/configuration.ts";
import type { PeerRole } from "../../zab/ready.ts";
import type { MemberMessage, Origins } from "./member-message.ts";

/** What happens to a server as a member of an ensemble, beside what happens to any. */
export type MemberInput =
  /** What it is from now on. Until the first one, requests are taken in and wait. */
  | { readonly type: "role"; readonly role: PeerRole }
  /** A configuration was committed. */
  | { readonly type: "configuration"; readonly configuration: Configuration }
  /**
   * Txns of the leader are in the log here and wait for their commit. Without `origins` they came by
   * a synchronization, so that some of them may be of requests which were forwarded from here.
   */
  | { readonly type: "learned"; readonly txns: readonly LoggedTxn[]; readonly origins?: Origins }
  /** A quorum confirmed the round of a `confirmQuorum` effect, and each before it. */
  | { readonly type: "confirmed"; readonly round: number }
  | { readonly type: "memberMessage"; readonly from: Sid; readonly message: MemberMessage }
  /** A member is out of reach. */
  | { readonly type: "memberLost"; readonly sid: Sid };

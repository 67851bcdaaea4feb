import type { Checker } from "../history.ts";
import { checkAgreement } from "./agreement.ts";
import { checkDurability } from "./durability.ts";
import { checkEphemerals } from "./ephemerals.ts";
import { checkExactlyOnce } from "./exactly-once.ts";
import { checkLinearizability } from "./linearizability.ts";
import { checkSessionOrder } from "./session-order.ts";
import { checkSessionTimeouts } from "./session-timeouts.ts";
import { firstOfEachRule } from "./violation.ts";
import { checkWatchGuarantees } from "./watch-guarantees.ts";

/** What is wrong at the root comes before what follows from it. */
const CHECKERS: readonly Checker[] = [
  checkAgreement,
  checkDurability,
  checkExactlyOnce,
  checkLinearizability,
  checkSessionOrder,
  checkEphemerals,
  checkSessionTimeouts,
  checkWatchGuarantees,
];

/** Everything that a history breaks, a few violations of each rule. */
export const checkHistory: Checker = (history) =>
  firstOfEachRule(CHECKERS.flatMap((check) => check(history)));

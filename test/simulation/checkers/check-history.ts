import type { Checker } from "../history.ts";
import { checkAgreement } from "./agreement.ts";
import { checkDurability } from "./durability.ts";
import { checkExactlyOnce } from "./exactly-once.ts";
import { checkLinearizability } from "./linearizability.ts";
import { checkSessionOrder } from "./session-order.ts";
import { firstOfEachRule } from "./violation.ts";

/** What is wrong at the root comes before what follows from it. */
const CHECKERS: readonly Checker[] = [
  checkAgreement,
  checkDurability,
  checkExactlyOnce,
  checkLinearizability,
  checkSessionOrder,
];

/** Everything that a history breaks, a few violations of each rule. */
export const checkHistory: Checker = (history) =>
  firstOfEachRule(CHECKERS.flatMap((check) => check(history)));

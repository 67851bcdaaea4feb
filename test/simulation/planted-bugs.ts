import { PLANTED_CORE_BUGS } from "./planted-core-bugs.ts";
import { PLANTED_SERVER_BUGS } from "./planted-server-bugs.ts";
import { PLANTED_ZAB_BUGS } from "./planted-zab-bugs.ts";

/** One way to break a safety rule: a patch of the production source, applied when it is loaded. */
export interface PlantedBug {
  readonly name: string;
  /** The rule of `docs/SPEC.md` that it breaks. */
  readonly rule: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * What the simulator must notice. The production source has no switches: each bug is planted into
 * the text of one module in a child process.
 */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...PLANTED_ZAB_BUGS,
  ...PLANTED_SERVER_BUGS,
  ...PLANTED_CORE_BUGS,
];

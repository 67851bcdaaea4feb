import type { Operation } from "./operation.ts";
import type { Script, Step } from "./script.ts";

/** Whether a script still shows the difference. */
export type Fails = (script: Script) => Promise<boolean>;

/**
 * Leaves out steps, then requests, then parts of multis, as long as the script still fails: first big
 * pieces, then small ones. Stops after `tries` runs.
 */
export async function shrink(script: Script, fails: Fails, tries = 250): Promise<Script> {
  let left = tries;
  const test = async (candidate: Script) => {
    if (left <= 0) return false;
    left -= 1;
    return fails(candidate);
  };
  let smallest = await dropSome(script, stepsOf(), test);
  for (let step = 0; step < smallest.steps.length; step += 1) {
    smallest = await dropSome(smallest, operationsOf(step), test);
  }
  for (let step = 0; step < smallest.steps.length; step += 1) {
    const count = operationsOf(step).get(smallest).length;
    for (let index = 0; index < count; index += 1) {
      smallest = await dropSome(smallest, partsOf(step, index), test);
    }
  }
  return smallest;
}

/** A list inside a script. */
interface Piece<T> {
  get(script: Script): readonly T[];
  set(script: Script, values: readonly T[]): Script;
}

async function dropSome<T>(script: Script, piece: Piece<T>, fails: Fails): Promise<Script> {
  let smallest = script;
  for (let size = Math.ceil(piece.get(script).length / 2); size >= 1; size = nextSize(size)) {
    for (let at = 0; at < piece.get(smallest).length;) {
      const values = piece.get(smallest);
      const fewer = values.toSpliced(at, size);
      const candidate = piece.set(smallest, fewer);
      if (fewer.length < values.length && (await fails(candidate))) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

function stepsOf(): Piece<Step> {
  return { get: ({ steps }) => steps, set: (script, steps) => ({ ...script, steps }) };
}

function operationsOf(index: number): Piece<Operation> {
  return {
    get: ({ steps }) => {
      const step = steps[index];
      return step?.kind === "requests" ? step.operations : [];
    },
    set: (script, operations) => ({
      ...script,
      steps: script.steps.map((step, at) =>
        at === index && step.kind === "requests" ? { ...step, operations, cut: 0 } : step,
      ),
    }),
  };
}

function partsOf(step: number, index: number): Piece<Operation> {
  const operations = operationsOf(step);
  return {
    get: (script) => {
      const operation = operations.get(script)[index];
      return operation !== undefined && "parts" in operation ? operation.parts : [];
    },
    set: (script, parts) =>
      operations.set(
        script,
        operations
          .get(script)
          .map((each, at) => (at === index && "parts" in each ? { ...each, parts } : each)),
      ),
  };
}

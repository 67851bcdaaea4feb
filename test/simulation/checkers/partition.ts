import type { MultiOp, Request } from "../../../src/core/request.ts";
import type { Operation } from "../history.ts";

const SEQUENTIAL_FLAGS: readonly number[] = [2, 3, 6];

/**
 * Splits operations into groups that can't see each other: of znodes below different children of
 * the root, joined where one operation touches several.
 *
 * A history is linearizable if and only if each group is (Herlihy, Wing: linearizability is local).
 * That needs each group to be about objects of its own; the root is everybody's, so that nothing is
 * split where somebody looks at it, or takes a number from it.
 */
export function partition(operations: readonly Operation[]): Operation[][] {
  if (operations.some(({ request }) => looksAtRoot(request))) return [[...operations]];
  const groups = new Groups();
  for (const { request } of operations) {
    const [first, ...others] = pathsOf(request).map(topOf);
    for (const other of others) groups.join(first ?? "", other);
  }
  const parts = new Map<string, Operation[]>();
  for (const operation of operations) {
    const [path = "/"] = pathsOf(operation.request);
    const part = groups.of(topOf(path));
    const others = parts.get(part);
    if (others === undefined) parts.set(part, [operation]);
    else others.push(operation);
  }
  return [...parts.values()];
}

class Groups {
  readonly #parentOf = new Map<string, string>();

  of(name: string): string {
    let at = name;
    for (let up = this.#parentOf.get(at); up !== undefined; up = this.#parentOf.get(at)) at = up;
    return at;
  }

  join(one: string, other: string): void {
    const [left, right] = [this.of(one), this.of(other)];
    if (left !== right) this.#parentOf.set(left, right);
  }
}

function topOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** A request by itself, or the parts of one that has several. */
function partsOf(request: Request): readonly (Request | MultiOp)[] {
  return request.op === "multi" || request.op === "multiRead" ? request.ops : [request];
}

function pathsOf(request: Request): string[] {
  return partsOf(request).map((part) => ("path" in part ? part.path : "/"));
}

/** Also what has no path, like the end of a session, may be about anything. */
function looksAtRoot(request: Request): boolean {
  return partsOf(request).some((part) => {
    if (!("path" in part)) return true;
    const { path } = part;
    if (!/^\/[^/]/.test(path) || topOf(path) === "zookeeper") return true;
    const isTop = path.lastIndexOf("/") === 0;
    return isTop && "flags" in part && SEQUENTIAL_FLAGS.includes(part.flags);
  });
}

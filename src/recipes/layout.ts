import { uuid } from "../client/index.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** Whose names and znodes a recipe uses, so that it contends with that library's. */
export type LockLayout = "curator" | "kazoo";

/** What is the same for every queue of a layout: how parents are made, and how names begin. */
export function queueOf(layout: LockLayout): Pick<WaitQueue, "parents" | "prefix"> {
  if (layout === "curator") return { parents: "CONTAINER", prefix: undefined };
  // kazoo looks for its parents once: a container could go meanwhile.
  return { parents: "PERSISTENT", prefix: uuid().replaceAll("-", "") };
}

import { z } from "@hono/zod-openapi";
import type { Sid } from "../../zab/configuration.ts";
import { quote } from "../path.ts";
import { badRequest } from "../problem.ts";
import { answerHeaders } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";

/** What a member of local development can be told. */
interface Controls {
  stop(): Promise<void>;
  start(): Promise<void>;
  link(other: Sid, isCut: boolean): Promise<void>;
}

/**
 * Stops, starts and cuts off members. For local development alone: `dev.ts` adds them, and no
 * deployment has them.
 */
export const ENSEMBLE_CONTROL_ROUTES: readonly Route[] = [
  control("/ensemble/members/{sid}/stop", "Stop a member", {
    description: "It refuses every call from then on, as one that can't be reached.",
    run: async (call, [sid]) => {
      // The object resets itself, perhaps before its answer has left.
      await controlsOf(call, sid)
        .stop()
        .catch(() => undefined);
    },
  }),
  control("/ensemble/members/{sid}/start", "Start a member", {
    description: "With what it has on disk. One without a leader looks for one at once.",
    run: (call, [sid]) => controlsOf(call, sid).start(),
  }),
  control("/ensemble/links/{link}/cut", "Cut a link", {
    description: "Two members, as `1-2`, can't talk to each other from then on.",
    run: (call, ends) => link(call, ends, true),
  }),
  control("/ensemble/links/{link}/heal", "Heal a link", {
    description: "They can again.",
    run: (call, ends) => link(call, ends, false),
  }),
];

function control(
  path: string,
  summary: string,
  {
    description,
    run,
  }: {
    readonly description: string;
    readonly run: (call: Call, sids: readonly Sid[]) => Promise<void>;
  },
): Route {
  return defineRoute({
    method: "POST",
    path,
    access: "admin",
    tag: "Ensembles",
    summary,
    description,
    query: z.object({}),
    answers: { 204: { description: "done" } },
    handle: async (call) => {
      await run(call, sidsOf(call));
      return new Response(null, { status: 204, headers: answerHeaders({ zxid: 0 }) });
    },
  });
}

/** `2` of a member, `1-2` of a link. */
function sidsOf({ address, config }: Call): readonly Sid[] {
  const [, , kind, text = ""] = address.route.split("/");
  const sids = text.split("-").map(Number);
  const known = config.ensemble?.members.map(({ sid }) => sid) ?? [];
  const isRight = kind === "members" ? sids.length === 1 : sids.length === 2 && sids[0] !== sids[1];
  if (isRight && sids.every((sid) => known.includes(sid))) return sids;
  throw badRequest(`expected members of ${known.join(", ")}, got ${quote(text)}`, { status: 404 });
}

async function link(call: Call, [a, b]: readonly Sid[], isCut: boolean): Promise<void> {
  if (a === undefined || b === undefined) return;
  await Promise.all([controlsOf(call, a).link(b, isCut), controlsOf(call, b).link(a, isCut)]);
}

function controlsOf(call: Call, sid: Sid | undefined): Controls {
  // Local development binds a class that has them.
  return call.member(sid ?? 0) as unknown as Controls;
}

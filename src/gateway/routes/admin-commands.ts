import { z } from "@hono/zod-openapi";
import type { AdminData } from "../../core/admin-data.ts";
import {
  type AdminCommand,
  findAdminCommand,
  formatAdminBody,
  formatCommandList,
  formatNotServing,
  formatUnknownCommand,
} from "../../protocol/admin/admin-commands.ts";
import { isFourLetterWord } from "../../protocol/four-letter-word.ts";
import { answerFourLetterWord } from "../four-letter-word.ts";
import { decodePart, quote } from "../path.ts";
import { badRequest } from "../problem.ts";
import { text } from "../query.ts";
import { answerHeaders, jsonResponse } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";

const TAG = "ZooKeeper's commands";

/** No listener of the native protocol belongs to an HTTP request. */
const CLIENT_PORT = -1;

const COMMAND_QUERY = z.object({
  traceMask: text("of `set_trace_mask`; nothing is traced, whatever it is"),
});

/** What ZooKeeper's AdminServer answers, and its four-letter words for who has no TCP. */
export const ADMIN_COMMAND_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/commands",
    access: "admin",
    tag: TAG,
    summary: "List the commands",
    description: "A page of links, as ZooKeeper's AdminServer has it.",
    query: z.object({}),
    answers: { 200: { description: "the links", type: "text/html" } },
    handle: ({ address }) =>
      new Response(formatCommandList(address.prefix), {
        headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" },
      }),
  }),
  defineRoute({
    method: "GET",
    path: "/commands/{command}",
    access: "admin",
    tag: TAG,
    summary: "Run a command",
    description:
      "Answers what ZooKeeper's AdminServer does, in its shapes: `monitor`, `stats`, `connections`, " +
      "`dump`, `watches` and the others that `/commands` lists, by name or alias. What goes wrong is " +
      "in `error`, with status 200. `connection_stat_reset` and `stat_reset` change statistics only.",
    query: COMMAND_QUERY,
    answers: {
      200: {
        description: "the command's answer",
        schema: z.looseObject({ command: z.string(), error: z.string().nullable() }),
      },
    },
    handle: runCommand,
  }),
  defineRoute({
    method: "GET",
    path: "/four-letter-words/{word}",
    access: "read",
    tag: TAG,
    summary: "Ask a four-letter word",
    description:
      "Answers what a client of the native protocol gets for `srvr`, `mntr`, `ruok` and the others, " +
      "if `FOUR_LETTER_WORDS` allows the word: a list, or `*`; `srvr` alone if it isn't set.",
    query: z.object({}),
    answers: { 200: { description: "the word's answer", type: "text/plain" } },
    handle: askFourLetterWord,
  }),
];

async function runCommand(call: Call<z.output<typeof COMMAND_QUERY>>): Promise<Response> {
  const { address, shard, query } = call;
  const name = lastPart(address.route);
  const command = findAdminCommand(name);
  if (command === undefined) return jsonResponse(formatUnknownCommand(name), { zxid: 0 });
  let data: AdminData;
  try {
    if (command.reset !== undefined) await shard.resetStatistics(command.reset);
    data = await shard.status(command.details);
  } catch {
    return notServing(command);
  }
  const context = { clientPort: CLIENT_PORT, traceMask: query.traceMask };
  const json = formatAdminBody(command.name, command.body(data, context));
  return jsonResponse(json, { zxid: data.zxid });
}

/** Here alone a shard that can't be reached is no 503: what reads these answers reads `error`. */
function notServing(command: AdminCommand): Response {
  return jsonResponse(formatNotServing(command), { zxid: 0 });
}

async function askFourLetterWord({ address, shard, config }: Call): Promise<Response> {
  const word = lastPart(address.route);
  if (!isFourLetterWord(word)) {
    throw badRequest(`expected a four-letter word of ZooKeeper, got ${quote(word)}`, {
      status: 404,
    });
  }
  const context = { whitelist: config.fourLetterWords, clientPort: CLIENT_PORT };
  const answer = await answerFourLetterWord(word, shard, context);
  return new Response(answer, {
    headers: { ...answerHeaders({ zxid: 0 }), "Content-Type": "text/plain; charset=utf-8" },
  });
}

function lastPart(route: string): string {
  return decodePart(route.slice(route.lastIndexOf("/") + 1));
}

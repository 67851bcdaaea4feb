import type { Server } from "../servers.ts";
import type { Operation } from "./operation.ts";
import type { Item } from "./reply.ts";
import { SessionClient } from "./session-client.ts";

const OPEN_ACL = [{ perms: 31, scheme: "world", id: "anyone" }];
const BATCH = 200;

/** The users of scripts: every ACL that they set lets one of them administrate. */
export const USERS: readonly string[] = ["u0:pw", "u1:pw", "u2:pw"];

/**
 * Deletes what a script left: an empty container or a TTL node that stays would be reaped later, at
 * a zxid in the middle of another script.
 */
export async function removeTree(server: Server, root: string): Promise<void> {
  const client = new SessionClient(server);
  await client.open();
  if (!client.isConnected) return;
  const ask = (operations: readonly Operation[]) => request(client, operations);
  await ask(USERS.map((user): Operation => ({ op: "auth", scheme: "digest", auth: user })));
  for (const top of [root, `/zookeeper/quota${root}`]) await deleteTree(top, ask);
  await client.close({ root: "", base: 0n });
}

type Ask = (operations: readonly Operation[]) => Promise<readonly Reply[]>;
type Reply = Extract<Item, { kind: "reply" }>;

async function request(client: SessionClient, operations: readonly Operation[]): Promise<Reply[]> {
  for (let at = 0; at < operations.length; at += BATCH) {
    const paths = { root: "", base: 0n };
    await client.request(operations.slice(at, at + BATCH), { paths, cut: 0 });
  }
  return client.take().filter((item): item is Reply => item.kind === "reply");
}

async function deleteTree(top: string, ask: Ask): Promise<void> {
  const levels: string[][] = [];
  let level = [top];
  while (level.length > 0) {
    levels.push(level);
    level = await childrenOf(level, ask);
  }
  for (const paths of levels.toReversed()) {
    await ask(paths.map((path): Operation => ({ op: "delete", path: `!${path}`, version: -1 })));
  }
}

async function childrenOf(paths: readonly string[], ask: Ask): Promise<string[]> {
  const list = (path: string): Operation => ({ op: "getChildren", path: `!${path}`, watch: false });
  let replies = await ask(paths.map(list));
  if (replies.some(({ err }) => err === NOAUTH)) {
    const open = (path: string): Operation => ({
      op: "setACL",
      path: `!${path}`,
      acl: OPEN_ACL,
      version: -1,
    });
    await ask(paths.map(open));
    replies = await ask(paths.map(list));
  }
  return replies.flatMap(({ body, err }, index) =>
    err === 0 && Array.isArray(body) ? body.map((name) => `${paths[index]}/${String(name)}`) : [],
  );
}

const NOAUTH = -102;

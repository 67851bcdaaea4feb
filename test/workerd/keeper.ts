import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import type { KeeperBinding } from "../../src/client/worker.ts";
import { formatObjectName } from "../../src/shard/object-name.ts";
import { openShard, type ShardUnderTest } from "./client.ts";

/** What `wrangler.toml` says under `[services.props]`. */
export type Props = Readonly<Record<string, unknown>>;

/** A service binding to the Worker under test, as another Worker has it. */
export function bindKeeper(props: Props = {}): KeeperBinding {
  const { ObservedKeeper } = exports as unknown as Record<
    string,
    ((options: { readonly props: Props }) => KeeperBinding) | undefined
  >;
  if (ObservedKeeper === undefined) throw new Error("the Worker under test exports ObservedKeeper");
  return ObservedKeeper({ props });
}

/** A binding to a namespace that nobody used before, and the object behind it. */
export interface OwnKeeper {
  readonly keeper: KeeperBinding;
  readonly namespace: string;
  readonly shard: ShardUnderTest;
}

export async function openKeeper(props: Props = {}): Promise<OwnKeeper> {
  const namespace = crypto.randomUUID();
  const shard = openShard(formatObjectName(namespace));
  // The first object of all is to be made by a test itself: the runner imports the Worker from there.
  await shard.api.status();
  return { keeper: bindKeeper({ namespaces: [namespace], ...props }), namespace, shard };
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a failure, saw success");
}

/** Resets the object as a crash of its host would: sockets are cut, what was not committed is lost. */
export async function reset({ stub }: ShardUnderTest): Promise<void> {
  await runInDurableObject(stub, (_, ctx) => ctx.abort("planned crash")).catch(() => {
    // The caller of an object that is reset gets an error; here it is expected.
  });
}

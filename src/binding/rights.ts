import type { z } from "@hono/zod-openapi";
import type { Identity, Role } from "../core/identity.ts";
import { hasRole } from "../core/identity.ts";
import { Code } from "../core/keeper-error.ts";
import { DEFAULT_NAMESPACE, isNamespace, quote } from "../gateway/path.ts";
import { badConfig, badRequest, HttpProblem } from "../gateway/problem.ts";
import { opensNamespace, rightsSchema } from "../gateway/tokens.ts";

/**
 * What a Worker may do through its binding, as its `wrangler.toml` says under `[services.props]`.
 *
 * Whoever can bind a Worker of the account is trusted with it: without props a binding writes, in every
 * namespace. ACLs hold as for everybody.
 *
 * Source: Cloudflare "Context", `ctx.props`.
 */
const propsSchema = rightsSchema.partial({ name: true, namespaces: true, role: true });

/** A binding's rights. */
export type Rights = z.infer<typeof rightsSchema>;

/** Reads the props of a binding, whole or not at all. @throws HttpProblem that names the field. */
export function readRights(props: unknown): Rights {
  const result = propsSchema.safeParse(props ?? {});
  if (result.success) {
    const { name = "this binding", namespaces = ["*"], role = "write", ids } = result.data;
    return { name, namespaces, role, ids };
  }
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw badConfig(
    `props of the binding: expected {name?, namespaces?, role?, ids?}, ` +
      `found something else${where === "" ? "" : ` at ${where}`}`,
  );
}

/**
 * The namespace that a caller means: the one it names, or the first that its binding names.
 *
 * @throws HttpProblem 403 for one that the binding does not open.
 */
export function namespaceOf(rights: Rights, named: string | undefined): string {
  const namespace = named ?? rights.namespaces.find((one) => one !== "*") ?? DEFAULT_NAMESPACE;
  if (!isNamespace(namespace))
    throw badRequest(`expected a namespace, saw ${quote(`${namespace}`)}`);
  if (opensNamespace(rights, namespace)) return namespace;
  throw new HttpProblem(Code.NOAUTH, `${rights.name} does not open the namespace ${namespace}`, {
    expected: rights.namespaces.join(", "),
    seen: namespace,
  });
}

/** @throws HttpProblem 403 if the binding has less than what is needed. */
export function checkRights({ name, role }: Rights, needed: Role): void {
  if (hasRole(role, needed)) return;
  throw new HttpProblem(
    Code.NOAUTH,
    `${name}: a session expected the role ${needed}, saw ${role}`,
    {
      expected: needed,
      seen: role,
    },
  );
}

/** Who calls, as the shard sees it. */
export function identityOf({ role, ids }: Rights): Identity {
  return { role, ids };
}

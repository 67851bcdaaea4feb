/**
 * A schema of any library that follows Standard Schema: zod, valibot, arktype and others.
 *
 * Only as much of the interface as is used here.
 *
 * Source: standardschema.dev, version 1.
 */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What a schema objects to, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * JSON that is not as a schema wants it.
 *
 * @example
 * ```ts
 * import { ConfigStore, SchemaError } from "edgekeeper/recipes";
 * import { z } from "zod";
 *
 * await using config = new ConfigStore(zk, "/config", {
 *   schema: z.object({ color: z.string() }),
 *   onInvalid: (error) => console.error(error instanceof SchemaError ? error.issues : error),
 * });
 * ```
 */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[]) {
    super(issues.map(textOf).join("; "));
    this.issues = issues;
  }
}

/**
 * Makes a function of a schema that returns what the schema makes of JSON.
 *
 * It throws SchemaError for JSON that is not valid; TypeError for a schema that needs time to find out.
 */
export function parserOf<T>(schema: StandardSchema<T>): (json: unknown) => T {
  return (json) => {
    const result = schema["~standard"].validate(json);
    if (result instanceof Promise) {
      throw new TypeError("expected a schema that validates at once, saw a promise");
    }
    if (result.issues !== undefined) throw new SchemaError(result.issues);
    return result.value;
  };
}

function textOf({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}

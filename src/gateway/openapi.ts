import { OpenAPIHono, z } from "@hono/zod-openapi";
import { VERSION } from "../protocol/version.ts";
import type { Route } from "./route.ts";
import { problemSchema } from "./schemas.ts";

/** The parts of the document that the page reads; OpenAPI 3.1 has more. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
  };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: { readonly type?: string; readonly enum?: readonly string[] };
}

const DESCRIPTION =
  "ZooKeeper as a serverless edge service. Every path also exists below `/ns/{namespace}`: a " +
  "namespace is an independent tree, and without a name it is `default`. Every answer has the " +
  "header `Zxid`: of the write, or the last one applied; `0x0` where no shard was asked. Errors " +
  "are `application/problem+json` with ZooKeeper's code. Unknown query flags are refused.";

/**
 * Generates the document from the routes: their schemas are what the handlers parse with.
 *
 * Namespaces are a second server rather than every path twice.
 */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const generator = new OpenAPIHono();
  const registry = generator.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  for (const route of routes) registry.registerPath(pathOf(route));
  return generator.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "edgekeeper", version: VERSION, description: DESCRIPTION },
    servers: [
      { url: "/", description: "namespace `default`" },
      { url: "/ns/{namespace}", variables: { namespace: { default: "default" } } },
    ],
    security: [{ bearer: [] }],
  }) as unknown as OpenApiDocument;
}

type RouteConfig = Parameters<OpenAPIHono["openAPIRegistry"]["registerPath"]>[0];

function pathOf(route: Route): RouteConfig {
  const { body, headers = [] } = route;
  return {
    method: route.method.toLowerCase() as Lowercase<Route["method"]>,
    path: route.path,
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    ...(route.access === "public" && { security: [] }),
    request: {
      params: pathParameters(route.path),
      query: route.query,
      headers: headers.map((header) =>
        z
          .string()
          .optional()
          .openapi({
            param: { name: header.name, in: "header" },
            description: header.description,
            ...(header.example !== undefined && { example: header.example }),
          }),
      ),
      ...(body !== undefined && { body: { content: bodyContent(body) } }),
    },
    responses: answersOf(route),
  };
}

function bodyContent(body: NonNullable<Route["body"]>): Record<string, { schema: z.ZodType }> {
  const bytes = { schema: z.string().openapi({ format: "binary" }) };
  const json = body.schema === undefined ? {} : { "application/json": { schema: body.schema } };
  return body.type === "application/json" ? json : { [body.type]: bytes, ...json };
}

function answersOf(route: Route): RouteConfig["responses"] {
  const answers = Object.entries(route.answers).map(([status, { description, schema, type }]) => {
    const content = schema ?? (type === undefined ? undefined : z.string());
    return [
      status,
      {
        description,
        ...(content !== undefined && {
          content: { [type ?? "application/json"]: { schema: content } },
        }),
      },
    ] as const;
  });
  const problem = {
    description: "refused: see the problem's `code` and `detail`",
    content: { "application/problem+json": { schema: problemSchema } },
  };
  return { ...Object.fromEntries(answers), default: problem };
}

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  path: "the znode's path, any number of parts, each percent-encoded; `%2F` is refused",
  id: "the session's id, hex",
  command: "a name or an alias of `/commands`",
  word: "`srvr`, `mntr`, `ruok`, …",
};

function pathParameters(path: string): z.ZodObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const schemas = names.map((name) => {
    const description = PATH_PARAMETERS[name] ?? "";
    return [name, z.string().openapi({ description, param: { name, in: "path" } })] as const;
  });
  return z.object(Object.fromEntries(schemas));
}

/** `GET /sessions/{id}` becomes `getSessionsId`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== "");
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return method.toLowerCase() + capitalised.join("");
}

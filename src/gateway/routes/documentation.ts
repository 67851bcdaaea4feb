import { z } from "@hono/zod-openapi";
import { type DocsPage, renderDocsPage } from "../docs-page.ts";
import { type OpenApiDocument, openApiDocument } from "../openapi.ts";
import { defineRoute, type Route } from "../route.ts";

const NO_QUERY = z.object({});
const TAG = "Documentation";
/** It changes with a deployment only, and a stale one does no harm. */
const CACHE_CONTROL = "public, max-age=300";

/**
 * `/openapi.json`, `/docs`, and `/`, which leads there. They document `others` and themselves.
 *
 * Both are made when first asked for: most isolates are never asked.
 */
export function documentationRoutes(others: readonly Route[]): readonly Route[] {
  let document: OpenApiDocument | undefined;
  let page: Promise<DocsPage> | undefined;
  const getDocument = (): OpenApiDocument => (document ??= openApiDocument([...others, ...routes]));
  const getPage = (): Promise<DocsPage> => (page ??= renderDocsPage(getDocument()));
  const routes: readonly Route[] = [
    defineRoute({
      method: "GET",
      path: "/openapi.json",
      access: "public",
      tag: TAG,
      summary: "Read this documentation as OpenAPI",
      description: "OpenAPI 3.1, generated from the schemas that requests are parsed with.",
      query: NO_QUERY,
      answers: { 200: { description: "the document", schema: z.looseObject({}) } },
      handle: () => Response.json(getDocument(), { headers: { "Cache-Control": CACHE_CONTROL } }),
    }),
    defineRoute({
      method: "GET",
      path: "/docs",
      access: "public",
      tag: TAG,
      summary: "Read this documentation",
      description: "One page that needs no other host.",
      query: NO_QUERY,
      answers: { 200: { description: "the page", type: "text/html" } },
      handle: async () => {
        const { html, policy } = await getPage();
        return new Response(html, {
          headers: {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy,
            "Cache-Control": CACHE_CONTROL,
          },
        });
      },
    }),
    defineRoute({
      method: "GET",
      path: "/",
      access: "public",
      tag: TAG,
      summary: "Find the documentation",
      description: "Leads to `/docs`.",
      query: NO_QUERY,
      answers: { 302: { description: "`/docs`" } },
      handle: () => new Response(null, { status: 302, headers: { Location: "/docs" } }),
    }),
  ];
  return routes;
}

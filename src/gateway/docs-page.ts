import { Code } from "../core/keeper-error.ts";
import { DOCS_SCRIPT, DOCS_STYLE } from "./docs-assets.ts";
import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from "./openapi.ts";
import { PROBLEMS } from "./problem.ts";

/** A page and the only policy under which it works. */
export interface DocsPage {
  readonly html: string;
  readonly policy: string;
}

interface ListedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/**
 * Renders the document as one self-contained page: no other host, no request of its own, and only
 * the one style and script whose hashes the policy names.
 */
export async function renderDocsPage(document: OpenApiDocument): Promise<DocsPage> {
  const operations = listOperations(document);
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? "Other");
  const html = [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escape(document.info.title)} · HTTP</title>`,
    `<style>${DOCS_STYLE}</style>\n</head>\n<body>`,
    renderNavigation(groups),
    "<main>",
    renderIntroduction(document),
    ...[...groups].map(([tag, listed]) => renderGroup(tag, listed)),
    renderProblems(),
    `</main>\n<script>${DOCS_SCRIPT}</script>\n</body>\n</html>\n`,
  ].join("\n");
  const policy = [
    "default-src 'none'",
    `style-src '${await hashOf(DOCS_STYLE)}'`,
    `script-src '${await hashOf(DOCS_SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy };
}

function listOperations({ paths }: OpenApiDocument): ListedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

function renderNavigation(groups: ReadonlyMap<string, readonly ListedOperation[]>): string {
  const lists = [...groups].map(([tag, operations]) => {
    const links = operations.map(
      ({ method, path, operation }) =>
        `<li><a href="#${escape(operation.operationId)}">${badge(method)}` +
        `<span>${escape(path).replaceAll("/", "/<wbr>")}</span></a></li>`,
    );
    return `<h2>${escape(tag)}</h2>\n<ul>${links.join("\n")}</ul>`;
  });
  return [
    '<nav aria-label="Operations">',
    '<a class="brand" href="#top">edgekeeper</a>',
    '<input id="filter" type="search" placeholder="Filter operations" aria-label="Filter operations">',
    ...lists,
    '<h2>Reference</h2>\n<ul><li><a href="#problems"><span>Problems</span></a></li>',
    '<li><a href="/openapi.json"><span>openapi.json</span></a></li></ul>',
    "</nav>",
  ].join("\n");
}

function renderIntroduction({ info }: OpenApiDocument): string {
  const examples: readonly (readonly [string, string])[] = [
    ["Create a znode", "curl -X PUT --data-binary 'hello' $HOST/znodes/greeting"],
    ["Read it, with its Stat", "curl -i $HOST/znodes/greeting"],
    [
      "Change it, if nobody else did",
      "curl -X PUT -H 'If-Match: \"0\"' -d 'hi' $HOST/znodes/greeting",
    ],
    ["Queue a task", "curl -X POST -d 'resize 17.png' '$HOST/znodes/tasks/task-?parents'"],
    ["Watch the queue", "curl -N '$HOST/znodes/tasks?watch=children'"],
  ];
  const rendered = examples.map(
    ([title, command]) => `<dt>${escape(title)}</dt>\n<dd><pre>${escape(command)}</pre></dd>`,
  );
  return [
    '<header id="top">',
    `<h1>${escape(info.title)} <small>${escape(info.version)}</small></h1>`,
    `<p>${prose(info.description ?? "")}</p>`,
    `<dl class="examples">${rendered.join("\n")}</dl>\n</header>`,
  ].join("\n");
}

function renderGroup(tag: string, operations: readonly ListedOperation[]): string {
  return `<section>\n<h2>${escape(tag)}</h2>\n${operations.map(renderOperation).join("\n")}</section>`;
}

function renderOperation({ method, path, operation }: ListedOperation): string {
  const isPublic = operation.security?.length === 0;
  const answers = Object.entries(operation.responses).map(
    ([status, { description }]) =>
      `<tr><td><code>${escape(status)}</code></td><td>${prose(description)}</td></tr>`,
  );
  const types = Object.keys(operation.requestBody?.content ?? {});
  return [
    `<article id="${escape(operation.operationId)}">`,
    `<h3>${badge(method)}<code>${escape(path)}</code>${isPublic ? "<em>no token</em>" : ""}</h3>`,
    `<p class="summary">${prose(operation.summary)}</p>`,
    `<p>${prose(operation.description)}</p>`,
    renderParameters("Query", operation.parameters, "query"),
    renderParameters("Headers", operation.parameters, "header"),
    types.length === 0 ? "" : `<h4>Body</h4>\n<p>${types.map(code).join(" or ")}</p>`,
    `<h4>Answers</h4>\n<table><tbody>${answers.join("\n")}</tbody></table>`,
    "</article>",
  ].join("\n");
}

function renderParameters(
  title: string,
  parameters: readonly OpenApiParameter[] = [],
  place = "query",
): string {
  const rows = parameters
    .filter((parameter) => parameter.in === place)
    .map(
      ({ name, description = "", schema }) =>
        `<tr><td>${code(name)}</td><td>${escape(typeText(schema))}</td>` +
        `<td>${prose(description)}</td></tr>`,
    );
  return rows.length === 0
    ? ""
    : `<h4>${title}</h4>\n<table><tbody>${rows.join("\n")}</tbody></table>`;
}

function typeText(schema: OpenApiParameter["schema"]): string {
  return schema?.enum?.join(" · ") ?? (schema?.type === "boolean" ? "flag" : (schema?.type ?? ""));
}

function renderProblems(): string {
  const rows = Object.entries(PROBLEMS)
    .filter(([name]) => name !== "OK")
    .map(
      ([name, { status, title }]) =>
        `<tr id="${name}"><td>${code(name)}</td><td>${Code[name as keyof typeof Code]}</td>` +
        `<td>${status}</td><td>${escape(title)}</td></tr>`,
    );
  return [
    '<section id="problems">\n<h2>Problems</h2>',
    "<p>ZooKeeper's codes and the status each is answered with. Where a code says too little the " +
      "status says more: 405, 406, 413, 415 and 426 come as <code>BADARGUMENTS</code>.</p>",
    "<table><thead><tr><th>Code</th><th>Number</th><th>Status</th><th>Meaning</th></tr></thead>",
    `<tbody>${rows.join("\n")}</tbody></table>\n</section>`,
  ].join("\n");
}

function badge(method: string): string {
  return `<b class="method ${method.toLowerCase()}">${escape(method)}</b>`;
}

function code(text: string): string {
  return `<code>${escape(text)}</code>`;
}

/** Escapes text and turns backticks into code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? "");
}

/** Source: CSP Level 3, hash-source. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

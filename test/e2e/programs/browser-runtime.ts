import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { atEnd } from "../clean-up.ts";
import { launchChromium } from "./chromium.ts";
import { linesOf, type ProgramRun, type Runtime, STAMPING } from "./program-run.ts";

/** An origin that serves one page for each program: `/lock` runs the bundle of `lock.mts`. */
export class PageServer {
  readonly #server = createServer((request, response) => {
    const [, name = "", isScript] = /^\/(\w+)(\.js)?$/.exec(request.url ?? "") ?? [];
    const type = isScript ? "text/javascript" : "text/html";
    const body = isScript ? this.#scripts.get(name) : pageOf(name);
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type }).end(body);
  });
  readonly #scripts = new Map<string, string>();

  static async start(): Promise<PageServer> {
    const pages = new PageServer();
    pages.#server.listen(0, "127.0.0.1");
    await once(pages.#server, "listening");
    atEnd(async () => {
      pages.#server.closeAllConnections();
      pages.#server.close();
    });
    return pages;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Another origin of the same pages. */
  get otherOrigin(): string {
    return `http://localhost:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Bundles a module, as a web application would, and serves it. */
  async add(name: string, file: string): Promise<void> {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "esnext",
    });
    this.#scripts.set(name, outputFiles[0]?.text ?? "");
  }
}

function pageOf(name: string): string {
  return `<!doctype html><title>${name}</title><script type="module" src="/${name}.js"></script>`;
}

/** Chromium: a page for each program. */
export class BrowserRuntime implements Runtime {
  readonly name = "Chromium";
  readonly #browser: Browser;
  readonly #pages: PageServer;
  #count = 0;

  static async start(pages: PageServer): Promise<BrowserRuntime> {
    return new BrowserRuntime(await launchChromium(), pages);
  }

  private constructor(browser: Browser, pages: PageServer) {
    this.#browser = browser;
    this.#pages = pages;
  }

  /** Bundles the programs of a folder. */
  async install(folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.#pages.add(name, join(folder, `${name}.mts`));
  }

  /** @param origin - of the page. */
  async run(program: string, origin: string = this.#pages.origin): Promise<ProgramRun> {
    const who = `${this.name} ${(this.#count += 1)}`;
    const page = await this.#browser.newPage();
    await page.addInitScript(STAMPING);
    const output = outputOf(page);
    await page.goto(`${origin}/${program}`);
    return {
      who,
      get lines() {
        return linesOf(who, output.text);
      },
      die: () => page.close(),
    };
  }
}

/** What a page prints, and what it does not catch. */
function outputOf(page: Page): { readonly text: string } {
  const output = { text: "" };
  page.on("console", (message) => (output.text += `${message.text()}\n`));
  page.on("pageerror", (error) => (output.text += `${error.stack}\n`));
  return output;
}

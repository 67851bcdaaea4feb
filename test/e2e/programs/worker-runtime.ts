import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { freePort } from "../free-port.ts";
import { poll } from "../poll.ts";
import { ProcessGroup, ROOT } from "../process-group.ts";
import { linesOf, type ProgramRun, type Runtime } from "./program-run.ts";

/**
 * `/lock/1` answers with what the program `lock` prints, as it prints it, from an object of its own:
 * a connection that a Worker opened outlives the caller, but not the object. `DELETE` resets it.
 */
const WORKER = `
import { DurableObject } from "cloudflare:workers";

export class Program extends DurableObject {
  fetch(request) {
    if (request.method === "DELETE") this.ctx.abort("as asked");
    const [, name] = new URL(request.url).pathname.split("/");
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    const log = (text) => {
      writer.write(encoder.encode(\`\${Date.now()} \${text}\\n\`)).catch(() => {});
    };
    const end = programs[name]({ log }).catch((error) => log(error.stack));
    end.then(() => writer.close()).catch(() => {});
    return new Response(readable);
  }
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response("here");
    return env.PROGRAM.getByName(pathname).fetch(request);
  },
};
`;

/** Source: workerd `workerd.capnp`. */
const configOf = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
      bindings = [(name = "PROGRAM", durableObjectNamespace = "Program")],
      durableObjectNamespaces = [(className = "Program", uniqueKey = "program")],
      durableObjectStorage = (inMemory = void),
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;

/** workerd: a Worker that runs programs, each in a Durable Object that dies when it is reset. */
export class WorkerRuntime implements Runtime {
  readonly name = "Worker";
  readonly #url: string;
  #count = 0;

  /** Bundles the programs of a folder into one Worker, and serves it. */
  static async start(folder: string, names: readonly string[]): Promise<WorkerRuntime> {
    const port = await freePort();
    const config = join(folder, "config.capnp");
    writeFileSync(join(folder, "worker.js"), await bundleOf(folder, names));
    writeFileSync(config, configOf(port));
    const binary = join(ROOT, "node_modules/.bin/workerd");
    const group = new ProcessGroup(binary, { arguments: ["serve", config] });
    const url = `http://127.0.0.1:${port}`;
    await poll("the Worker answers", () =>
      fetch(url).then(
        () => true,
        () => undefined,
      ),
    ).catch((error: unknown) => group.fail(error));
    return new WorkerRuntime(url);
  }

  private constructor(url: string) {
    this.#url = url;
  }

  async run(program: string): Promise<ProgramRun> {
    const number = (this.#count += 1);
    const who = `${this.name} ${number}`;
    const url = `${this.#url}/${program}/${number}`;
    const { body } = await fetch(url);
    let output = "";
    let isDead = false;
    const reading = (async () => {
      for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) output += text;
    })().catch((error: unknown) => {
      if (!isDead) output += `${String(error)}\n`;
    });
    return {
      who,
      get lines() {
        return linesOf(who, output);
      },
      async die() {
        isDead = true;
        // The reset ends this request, too.
        await fetch(url, { method: "DELETE" });
        await reading;
      },
    };
  }
}

async function bundleOf(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const program = readFileSync(join(folder, `${name}.mts`), "utf8");
    writeFileSync(join(folder, `${name}.worker.ts`), inHandler(program));
  }
  const imports = names.map((name) => `import ${name} from "./${name}.worker.ts";`);
  const programs = `const programs = { ${names.join(", ")} };`;
  const contents = [...imports, programs, WORKER].join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:workers"],
    target: "esnext",
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * A Worker does nothing outside of its handlers: imports stay where they are, the rest becomes a
 * function that a handler calls. What it prints goes to whoever asked.
 */
function inHandler(program: string): string {
  const [, imports = "", rest = ""] = /^((?:import [^;]*;\n)*)([^]*)$/.exec(program) ?? [];
  return `${imports}export default async function run(console) {\n${rest}}\n`;
}

import { importsOf, resolveImport } from "./code.ts";
import { type Check, sourceFiles } from "./repository.ts";

interface Layer {
  /** Layers it may import. Not transitive: what is not named here is not allowed. */
  readonly layers: readonly string[];
  /** Packages it may import. */
  readonly packages: readonly RegExp[];
}

const WORKERS = /^cloudflare:(workers|sockets)$/;

/** The dependency rule of every layer, the same table as in the tsconfig.json of each. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { layers: [], packages: [] },
  zab: { layers: ["core"], packages: [] },
  storage: { layers: ["core", "zab"], packages: [] },
  server: { layers: ["core", "zab", "storage"], packages: [] },
  protocol: { layers: ["core"], packages: [] },
  shard: {
    layers: ["core", "zab", "storage", "server", "protocol"],
    packages: [WORKERS, /^node:crypto$/],
  },
  gateway: {
    // zab: the members of an ensemble and their ids are its words.
    layers: ["core", "zab", "protocol", "shard"],
    packages: [WORKERS, /^hono(\/|$)/, /^zod(\/|$)/, /^@hono\/zod-openapi$/],
  },
  // client: what is asked and answered there is what other Workers ask and are answered here.
  binding: {
    layers: ["core", "protocol", "shard", "gateway", "client"],
    packages: [WORKERS, /^@hono\/zod-openapi$/],
  },
  client: { layers: ["core", "protocol"], packages: [/^node:(net|tls)$/] },
  recipes: { layers: ["client"], packages: [] },
  cli: {
    layers: ["core", "protocol", "client", "recipes"],
    packages: [
      /^node:/,
      /^cli-progress$/,
      /^cli-table3$/,
      /^commander$/,
      /^tar-stream$/,
      /^ws$/,
      /^yaml$/,
    ],
  },
  // The files in src/ itself.
  index: { layers: ["binding", "gateway", "shard", "zab"], packages: [WORKERS] },
};

/** `src/core/path.ts` → `core`; `src/index.ts` → `index`; anything outside `src` → undefined. */
export function layerOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split("/");
  if (top !== "src" || folder === undefined) return undefined;
  return rest.length === 0 ? "index" : folder;
}

function importProblem(importer: string, specifier: string): string | undefined {
  const name = layerOf(importer) ?? "";
  const layer = LAYERS[name];
  if (layer === undefined) return `layer ${name} has no row in test/tidy/layers.ts`;
  const target = resolveImport(importer, specifier);
  if (target === undefined) {
    const isAllowed = layer.packages.some((pattern) => pattern.test(specifier));
    return isAllowed ? undefined : `layer ${name} may not import the package ${specifier}`;
  }
  if (!specifier.endsWith(".ts")) return `import ${specifier} must name the file, with .ts`;
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return `src may not import ${target}`;
  if (targetLayer === name || layer.layers.includes(targetLayer)) return undefined;
  return `layer ${name} may not import layer ${targetLayer} (${specifier})`;
}

/** Imports point only where the table allows, to layers and to packages. */
export const checkLayers: Check = (repository) =>
  sourceFiles(repository).flatMap(({ path, text }) =>
    ["./", ...importsOf(text)]
      .map((specifier) =>
        // The first, empty import stands for the file itself: its layer must be known.
        specifier === "./" && LAYERS[layerOf(path) ?? ""] !== undefined
          ? undefined
          : importProblem(path, specifier),
      )
      .filter((problem) => problem !== undefined)
      .map((problem) => `${path}: ${problem}`),
  );

import { writeFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../process-group.ts";
import { readReadme } from "../readme-story.ts";
import { newFolder } from "../service.ts";

/** A program that the README shows, and what it shows to be done beside it. */
export interface ReadmeProgram {
  readonly name: string;
  /** As it stands there. */
  readonly text: string;
}

const SECTION = "Use it from TypeScript";

/** The programs of the README, in its order: blocks like "ts lock", whose second word is the name. */
export function readmePrograms(): readonly ReadmeProgram[] {
  return blocks("ts");
}

/** The commands that are shown beside a program. */
export function readmeCommands(name: string): string {
  const found = blocks("sh").find((block) => block.name === name);
  if (found === undefined) throw new Error(`expected a block "sh ${name}" in the README`);
  return found.text;
}

function blocks(language: string): readonly ReadmeProgram[] {
  const [, rest = ""] = readReadme().split(`\n## ${SECTION}\n`);
  const [section = ""] = rest.split("\n## ");
  const found = section.matchAll(/^```(\w+) (\w+)\n([^]*?)^```$/gm);
  return [...found].flatMap(([, kind, name = "", text = ""]) =>
    kind === language ? [{ name, text }] : [],
  );
}

/** The text with another service than the README's. Nothing else of it is touched. */
export function at(text: string, base: string): string {
  return text.replaceAll("http://127.0.0.1:8787", base);
}

const STRICTLY = {
  strict: true,
  noEmit: true,
  module: "nodenext",
  target: "esnext",
  lib: ["esnext", "dom"],
  // Sources of the package, which is a link, are looked at, too.
  allowImportingTsExtensions: true,
  types: [],
};

/**
 * A folder in which the package is installed as `npm install <path>` does it, with the programs as
 * files `<name>.mts`, and a configuration for the compiler.
 */
export function installPrograms(base: string): string {
  const folder = newFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/edgekeeper"), "dir");
  const programs = readmePrograms();
  for (const { name, text } of programs) {
    writeFileSync(join(folder, `${name}.mts`), at(text, base));
  }
  const config = { compilerOptions: STRICTLY, files: programs.map(({ name }) => `${name}.mts`) };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  return folder;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./process-group.ts";

/** One block of the story that the README tells. */
export interface StoryBlock {
  /** `sh`: commands to paste; `text`: what is to be seen then. */
  readonly kind: "sh" | "text";
  /** Whose terminal; `everybody` means all of them. */
  readonly terminal: string;
  readonly text: string;
}

/** The README at the root of the repository. */
export function readReadme(): string {
  return readFileSync(join(ROOT, "README.md"), "utf8");
}

/**
 * Reads the blocks of a section in order. Their info string is a language and a terminal, as in
 * "sh ann", which a reader of the page doesn't see.
 */
export function storyBlocks(markdown: string, section: string): readonly StoryBlock[] {
  const [, text = ""] = markdown.split(`\n## ${section}\n`);
  const [story = ""] = text.split("\n## ");
  const blocks = story.matchAll(/^```(sh|text) (\w+)\n([^]*?)^```$/gm);
  return [...blocks].map(([, kind, terminal = "", body = ""]) => ({
    kind: kind === "sh" ? "sh" : "text",
    terminal,
    text: body,
  }));
}

/**
 * What is to be seen, as a pattern: `…` stands for anything, and a watch in the background may show
 * something between any two lines.
 */
export function shownPattern(text: string): RegExp {
  const parts = text.trim().split(/…|\n/);
  const literals = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(literals.join("[^]*?"), "g");
}

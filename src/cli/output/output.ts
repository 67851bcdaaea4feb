import { type Paint, PLAIN } from "./colours.ts";
import { formatTable } from "./format-table.ts";
import { formatJson, formatYaml } from "./format-structured.ts";

/** How results are printed: `text` is zkCli's way. */
export const FORMATS = ["text", "json", "yaml", "table", "raw"] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** Where a command prints. */
export interface OutputStreams {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** Shows a line that the next one replaces; absent where nobody would see it. */
  readonly status?: (line: string) => void;
  /** Colours for `out`; none if absent. */
  readonly paint?: Paint;
  /** Colours for `err`; none if absent. */
  readonly paintError?: Paint;
}

/** A result in all its forms. */
export interface Shown {
  /** For programs. */
  readonly value: unknown;
  /** Lines as zkCli prints them. */
  readonly text: readonly string[];
  /** The bytes themselves; by default the lines. */
  readonly raw?: string | Uint8Array;
}

/** Prints results and remarks, in the format that the user asked for. */
export class Output {
  format: Format = "text";
  readonly streams: OutputStreams;

  constructor(streams: OutputStreams) {
    this.streams = streams;
  }

  /** Colours for people; what programs read has none, whatever the stream. */
  get paint(): Paint {
    const isForPeople = this.format === "text" || this.format === "table";
    return isForPeople ? (this.streams.paint ?? PLAIN) : PLAIN;
  }

  /** Colours of {@link remark}. */
  get paintError(): Paint {
    return this.streams.paintError ?? PLAIN;
  }

  /** One line of a result. */
  line(text: string): void {
    this.streams.out(`${text}\n`);
  }

  /** One line that is no part of the result: confirmations and errors, as with zkCli. */
  remark(text: string): void {
    this.streams.err(`${text}\n`);
  }

  /** How far something is: one line on the terminal, gone with the next one, or with "". */
  status(text: string): void {
    this.streams.status?.(text);
  }

  /** A result, in the format asked for. */
  show({ value, text, raw }: Shown): void {
    switch (this.format) {
      case "json":
        this.line(formatJson(value));
        break;
      case "yaml":
        this.streams.out(formatYaml(value));
        break;
      case "table":
        this.line(formatTable(value));
        break;
      case "raw":
        this.streams.out(raw ?? text.map((line) => `${line}\n`).join(""));
        break;
      case "text":
        for (const line of text) this.line(line);
    }
  }
}

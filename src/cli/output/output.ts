import { type Paint, PLAIN } from "./colours.ts";
import { formatTable } from "./format-table.ts";
import { formatJson, formatYaml } from "./format-structured.ts";
import { Progress, type ProgressOptions } from "./progress.ts";

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
  /** Where progress is drawn: that of `err`, if it is a terminal. */
  readonly terminal?: NodeJS.WritableStream;
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
  /** Nothing is written, and there are no results but what would be. */
  isDryRun = false;
  readonly streams: OutputStreams;
  /** Rows of a table wait for the last one: only then its columns are known. */
  #rows: unknown[] = [];
  #progress: Progress | undefined;

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
    this.#progress?.clear();
    this.streams.out(`${text}\n`);
  }

  /** One line that is no part of the result: confirmations and errors, as with zkCli. */
  remark(text: string): void {
    this.#progress?.clear();
    this.streams.err(`${text}\n`);
  }

  /** Confirms what was done. */
  confirm(text: string): void {
    if (!this.isDryRun) this.remark(text);
  }

  /** Shows how far a command is, until what it returns is disposed of. */
  progress(options: ProgressOptions): Progress {
    this.#progress = new Progress(this.streams.terminal, options);
    return this.#progress;
  }

  /** How far something is: one line on the terminal, gone with the next one, or with "". */
  status(text: string): void {
    this.streams.status?.(text);
  }

  /** A result, in the format asked for. */
  show(shown: Shown): void {
    if (!this.isDryRun) this.#print(shown);
  }

  /** One of many results, which come as they are found. */
  row(shown: Shown): void {
    if (this.isDryRun) return;
    this.tell(shown);
  }

  /** What a dry run would do: one of many. */
  tell(shown: Shown): void {
    if (this.format === "table") this.#rows.push(shown.value);
    else this.#print(shown);
  }

  /** All rows are there. */
  end(): void {
    if (this.#rows.length > 0) this.line(formatTable(this.#rows));
    this.#rows = [];
  }

  #print({ value, text, raw }: Shown): void {
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

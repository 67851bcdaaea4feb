import { isUtf8 } from "node:buffer";
import { CommandError } from "../command-error.ts";

/** How data is shown in an editor. */
export type EditFormat = "text" | "hex";

const BYTES_A_LINE = 16;

/** The text that is edited. @throws CommandError for binary data that is not asked for as hex */
export function editableText(data: Uint8Array | null, format: EditFormat): string {
  const bytes = Buffer.from(data ?? []);
  if (format === "text") {
    if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString("utf8");
    throw new CommandError(`expected text, saw ${bytes.length} bytes that are none: use --hex`);
  }
  const pairs = bytes.toString("hex").match(/../g) ?? [];
  let text = "";
  for (let at = 0; at < pairs.length; at += BYTES_A_LINE) {
    text += `${pairs.slice(at, at + BYTES_A_LINE).join(" ")}\n`;
  }
  return text;
}

/**
 * The data that an edited text stands for. Editors end the last line of a file: where there was no
 * newline at the end, the one that they add is none of the data.
 *
 * @throws CommandError for what is no hex
 */
export function dataOfText(text: string, before: string, format: EditFormat): Uint8Array {
  if (format === "text") {
    const hasAddedNewline = text.endsWith("\n") && !before.endsWith("\n");
    return Buffer.from(hasAddedNewline ? text.slice(0, -1) : text);
  }
  const digits = text.replaceAll(/\s+/g, "");
  if (/^(?:[0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, "hex");
  throw new CommandError("expected pairs of hexadecimal digits, saw something else");
}

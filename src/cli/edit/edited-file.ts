import { isUtf8 } from "node:buffer";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf } from "../../core/path.ts";
import { CommandError } from "../command-error.ts";

/** Of a file system, bytes. */
const NAME_BYTES_MAX = 200;

/** A file of our own in which a user edits data; nobody else may read it. */
export class EditedFile {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.path = join(folder, name);
  }

  /** Makes a file with the name of a znode, so that an editor knows what is in it. */
  static async create(znode: string, text: string): Promise<EditedFile> {
    const folder = await mkdtemp(join(tmpdir(), "edgekeeper-edit-"));
    const name = nameOf(znode);
    const isLong = Buffer.byteLength(name) > NAME_BYTES_MAX;
    const file = new EditedFile(folder, name === "" || isLong ? "znode" : name);
    await writeFile(file.path, text, { mode: 0o600 });
    return file;
  }

  /** The text as it was saved. @throws CommandError if it is no text any more, or gone. */
  async read(): Promise<string> {
    const bytes = await readFile(this.path).catch((error: unknown) => {
      const seen = error instanceof Error ? error.message : String(error);
      throw new CommandError(`expected the editor to leave ${this.path} there, saw: ${seen}`);
    });
    if (isUtf8(bytes)) return bytes.toString("utf8");
    throw new CommandError(`expected ${this.path} in UTF-8, saw bytes that are none`);
  }

  /** Tells whether it is still there, and says something else than at first. */
  async hasChanged(before: string): Promise<boolean> {
    const bytes = await readFile(this.path).catch(() => undefined);
    return bytes !== undefined && !bytes.equals(Buffer.from(before));
  }

  async delete(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

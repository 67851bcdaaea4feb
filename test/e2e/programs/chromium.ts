import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { atEnd } from "../clean-up.ts";

/** What Chromium is called, by those who package it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A headless Chromium of this machine. @throws Error that says how to get one. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  atEnd(() => browser.close());
  return browser;
}

function findChromium(): string {
  const wanted = process.env["CHROMIUM"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const files =
    wanted === undefined
      ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
      : [wanted];
  const found = files.find(isExecutable);
  if (found !== undefined) return found;
  const seen = wanted === undefined ? "none of them" : `CHROMIUM=${wanted}`;
  throw new Error(
    `expected Chromium in the path, as ${NAMES.join(", ")}, or in the variable CHROMIUM, saw ` +
      `${seen}; Debian's package is "chromium"`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

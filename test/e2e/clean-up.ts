const duties: (() => Promise<void>)[] = [];

/** Remembers what has to be done at the end of a test file, whatever happens in it. */
export function atEnd(duty: () => Promise<void>): void {
  duties.push(duty);
}

/** Does it, the latest first: for `afterAll` of every test file. */
export async function cleanUp(): Promise<void> {
  for (const duty of duties.splice(0).toReversed()) await duty();
}

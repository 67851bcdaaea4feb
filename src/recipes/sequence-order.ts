/**
 * The names of those who queue up, in the order in which they came: by the ten digits at the end.
 *
 * Names that do not end so are nobody's. Curator and kazoo put different things before the digits;
 * by them alone contenders of all three agree on who is first.
 *
 * Source: Curator `StandardLockInternalsDriver.standardFixForSorting`, kazoo `Lock._get_predecessor`.
 */
export function inSequence(names: readonly string[]): string[] {
  return names
    .filter((name) => SUFFIX.test(name))
    .map((name) => ({ name, digits: digitsOf(name) }))
    .toSorted((a, b) => (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0))
    .map(({ name }) => name);
}

/** How many digits the server puts behind a name. */
export const DIGITS = 10;

const SUFFIX = /\d{10}$/;

function digitsOf(name: string): string {
  return name.slice(-DIGITS);
}

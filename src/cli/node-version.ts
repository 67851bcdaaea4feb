/** The oldest Node that the command runs in, as the package's `engines` say. */
const MAJOR_MIN = 22;
const MINOR_MIN = 13;

/**
 * Says what is wrong with the Node that runs us; undefined for nothing. npm only warns of an older one,
 * in which the command would end with a stack trace.
 *
 * @param version - without a "v", as `process.versions` has it.
 */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > MAJOR_MIN || (major === MAJOR_MIN && minor >= MINOR_MIN)) return undefined;
  return `expected Node ${MAJOR_MIN}.${MINOR_MIN} or later, saw ${version}`;
}

import type { Check } from "./repository.ts";

const LOCKFILE = "package-lock.json";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Every optional package is in the lockfile, whatever platform it is for.
 *
 * npm leaves out what the registry in use does not serve, and `npm ci` then refuses the lockfile on
 * every machine. Put a lost entry back from the history of the file.
 */
export const checkLockfile: Check = (repository) => {
  const text = repository.find(({ path }) => path === LOCKFILE)?.text;
  if (text === undefined) return [`${LOCKFILE}: is missing`];
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages))
      .filter((name) => !(`${path}/node_modules/${name}` in packages))
      .map((name) => `${LOCKFILE}: has no entry for ${name}, which ${path || "the project"} wants`),
  );
};

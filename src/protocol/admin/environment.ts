import { FULL_VERSION } from "../version.ts";

/** ZooKeeper's own word for a property that its machine doesn't have. */
const NOT_AVAILABLE = "<NA>";

/** In ZooKeeper's order; nothing of its Java machine exists here. */
const PROPERTIES = [
  "host.name",
  "java.version",
  "java.vendor",
  "java.home",
  "java.class.path",
  "java.library.path",
  "java.io.tmpdir",
  "java.compiler",
  "os.name",
  "os.arch",
  "os.version",
  "user.name",
  "user.home",
  "user.dir",
  "os.memory.free",
  "os.memory.max",
  "os.memory.total",
] as const;

/** What `envi` and `environment` list. Source: ZooKeeper `Environment.list`. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  "zookeeper.version": FULL_VERSION,
  ...Object.fromEntries(PROPERTIES.map((name) => [name, NOT_AVAILABLE])),
};

/** `envi`. */
export function formatEnvironment(): string {
  const lines = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}\n`);
  return `Environment:\n${lines.join("")}`;
}

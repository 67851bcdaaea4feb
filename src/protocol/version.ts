/** The version of this service, as in `package.json`. */
export const VERSION = "0.1.0";

const BUILT_ON = "11/22/2026 00:00 UTC";

/**
 * What operators' tools read: the ZooKeeper whose behaviour is followed, then our own version.
 *
 * Clients parse it. kazoo wants digits in front; go-zk wants nothing but letters, digits, dots and
 * hyphens, and a date with slashes, which is how ZooKeeper wrote it before 3.8 [FL5].
 *
 * Source: ZooKeeper `Version.getFullVersion`.
 */
export const FULL_VERSION: string = `3.9.5-edgekeeper-${VERSION}, built on ${BUILT_ON}`;

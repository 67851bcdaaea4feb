import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder } from "../../e2e/service.ts";
import type { Cases } from "./case.ts";
import { CommandLine } from "./command-line.ts";

/** Of ann:secret. Source: ZooKeeper `DigestAuthenticationProvider.generateDigest`. */
const ANN = "'digest,'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=\n: cdrwa";

const REFUSED = "Insufficient permission : /own";

/** Who may do what. */
export const AUTH_CASES: Cases = {
  "what --auth-file proves is good for ACLs, and nobody else gets in": async (scene) => {
    const { cli, way, root } = scene;
    const file = join(newFolder(), "identities");
    writeFileSync(file, "# ours\ndigest ann:secret\n");
    const ann = new CommandLine("--server", way.server, "--chroot", root, "--auth-file", file);
    await ann.converse(
      ["create /own mine auth::cdrwa", "Created /own"],
      ["getAcl /own", ANN],
      ["get /own", "mine"],
      // ZooKeeper 3.8 tells it behind the address, we before.
      ["whoami", /^(?=[^]*\ndigest: ann$)(?=[^]*\nip: )/m],
    );
    await cli.converse(
      ["get /own", REFUSED],
      ["set /own x", REFUSED],
      ["getAcl /own", REFUSED],
      ["addauth digest ann:wrong", ""],
      ["get /own", REFUSED],
      ["addauth digest ann:secret", ""],
      ["get /own", "mine"],
      ["getAcl /own", ANN],
      ["addauth nonsense x", "KeeperErrorCode = AuthFailed"],
      // It ended the session.
      ["get /own", "Not connected"],
    );
  },
};

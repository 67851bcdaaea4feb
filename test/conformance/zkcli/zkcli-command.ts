import { CLASSPATH } from "../servers.ts";

/** zkCli of Debian's packages, as a shell that reads commands from a pipe. */
export function zkCliCommand(server: string): readonly string[] {
  return [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    CLASSPATH,
    "org.apache.zookeeper.ZooKeeperMain",
    "-server",
    server,
    "-waitforconnection",
  ];
}

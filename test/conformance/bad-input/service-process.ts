import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Server } from "../servers.ts";

const BYTES_IN_KIB = 1_024;
const LISTENING = "0A";
const ESTABLISHED = "01";

/** A row of the kernel's table of TCP sockets. */
interface TcpSocket {
  readonly localPort: number;
  readonly state: string;
  /** Bytes that the other side has not taken. */
  readonly unsent: number;
  readonly inode: string;
}

/**
 * The process behind a port, as the kernel sees it: of all those that `npm start` starts, the one
 * that serves. Linux alone tells, in `/proc`.
 *
 * Source: proc(5), `/proc/net/tcp`, `/proc/<pid>/status`.
 */
export class ServiceProcess {
  readonly #port: number;
  readonly #pid: number;

  /** Finds it in the process group of `server`; undefined for one that this program did not start. */
  static of({ pid, port }: Server): ServiceProcess | undefined {
    if (pid === 0 || process.platform !== "linux") return undefined;
    const listener = tcpSockets().find(
      ({ localPort, state }) => localPort === port && state === LISTENING,
    );
    const found = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && groupOf(name) === pid)
      .find((name) => filesOf(name).includes(`socket:[${listener?.inode}]`));
    if (found === undefined) throw new Error(`no process of group ${pid} listens on ${port}`);
    return new ServiceProcess(Number(found), port);
  }

  private constructor(pid: number, port: number) {
    this.#pid = pid;
    this.#port = port;
  }

  /** Bytes of memory that are its own and resident: its heaps and stacks, not its program. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, "utf8");
    const kib = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kib === undefined) throw new Error(`/proc/${this.#pid}/status has no RssAnon`);
    return Number(kib) * BYTES_IN_KIB;
  }

  /** How many connections it has. */
  get connections(): number {
    return this.#established().length;
  }

  /** How many clients have filled their window: the kernel holds bytes that they do not take. */
  get blockedConnections(): number {
    return this.#established().filter(({ unsent }) => unsent > 0).length;
  }

  #established(): TcpSocket[] {
    return tcpSockets().filter(
      ({ localPort, state }) => localPort === this.#port && state === ESTABLISHED,
    );
  }
}

function tcpSockets(): TcpSocket[] {
  const [, ...lines] = readFileSync("/proc/net/tcp", "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [, local = "", , state = "", queues = "", , , , , inode = ""] = line.trim().split(/\s+/);
    const localPort = Number.parseInt(local.split(":")[1] ?? "", 16);
    return { localPort, state, unsent: Number.parseInt(queues.split(":")[0] ?? "", 16), inode };
  });
}

function groupOf(pid: string): number {
  try {
    // The name in brackets may hold anything; the group is the third field behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  } catch {
    // It has ended meanwhile.
    return -1;
  }
}

function filesOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

import { describe, expect, it } from "vitest";
import type {
  AdminConnection,
  AdminData,
  AdminOp,
  AdminQuorum,
} from "../../../../src/core/admin-data.ts";
import { FOUR_LETTER_ANSWERS } from "../../../../src/protocol/admin/four-letter-answers.ts";
import { formatLastOperation } from "../../../../src/protocol/admin/last-operation.ts";
import { formatNotAllowed, parseWhitelist } from "../../../../src/protocol/admin/whitelist.ts";
import {
  FOUR_LETTER_WORDS,
  type FourLetterWord,
} from "../../../../src/protocol/four-letter-word.ts";
import { VERSION } from "../../../../src/protocol/version.ts";
import packageJson from "../../../../package.json" with { type: "json" };
import { DATA, FRESH, IDLE, ONE } from "./fixed-data.ts";

/** The text of a word, as far as it needs no whitelist. */
function answer(word: FourLetterWord, data: AdminData = DATA): string {
  const found = FOUR_LETTER_ANSWERS[word];
  return found.type === "data" ? found.format(data, { clientPort: 2181 }) : found.text;
}

/** One connection's line in `cons`. */
function lineOf(connection: Partial<AdminConnection>): string {
  return answer("cons", { ...DATA, connectionList: [{ ...ONE, ...connection }] });
}

const VERSION_LINE = "Zookeeper version: 3.9.5-edgekeeper-0.1.0, built on 11/22/2026 00:00 UTC\n";

/** A member without a leader. */
const LOOKING: AdminQuorum = {
  sid: 1,
  state: "LOOKING",
  zabState: "election",
  acceptedEpoch: 1,
  currentEpoch: 1,
  leader: 0,
  lastZxid: 0,
  committedZxid: 0,
  configuration: { version: 0, members: [{ sid: 1, type: "participant" }] },
  election: undefined,
  learners: [],
  droppedCount: 0,
  warnings: [],
};

describe("whitelist", () => {
  it("[FL2] allows the words between commas, and srvr in any case", () => {
    expect([...parseWhitelist(" mntr, ruok ,nope,,")].toSorted()).toEqual(["mntr", "ruok", "srvr"]);
    expect([...parseWhitelist("")]).toEqual(["srvr"]);
  });

  it("[FL2] allows all words with a star", () => {
    expect([...parseWhitelist("ruok,*")]).toEqual(FOUR_LETTER_WORDS);
  });

  it("[FL2] says so where a known word is not allowed", () => {
    expect(formatNotAllowed("ruok")).toBe(
      "ruok is not executed because it is not in the whitelist.\n",
    );
  });
});

describe("is it there", () => {
  it("[FL1] ruok and isro have no newline", () => {
    expect([answer("ruok"), answer("isro")]).toEqual(["imok", "rw"]);
  });

  it("[FL1] isro, srvr and mntr tell read-only mode, isro also an election before it", () => {
    const election = { ...DATA, quorum: { ...LOOKING, isReadOnly: false } };
    const readOnly = { ...DATA, quorum: { ...LOOKING, isReadOnly: true } };
    expect([answer("isro", election), answer("isro", readOnly)]).toEqual(["null", "ro"]);
    expect(answer("srvr", readOnly)).toContain(
      "\nREAD-ONLY mode; serving only read-only clients\nLatency",
    );
    expect(answer("srvr", readOnly)).toContain("\nMode: read-only\n");
    expect(answer("mntr", readOnly)).toContain("zk_server_state\tread-only\n");
  });

  it("[FL3] every word that needs the server says when it does not serve", () => {
    const notServing = "This ZooKeeper instance is not currently serving requests\n";
    for (const [word, found] of Object.entries(FOUR_LETTER_ANSWERS)) {
      if (found.type !== "data") continue;
      expect([word, found.otherwise]).toEqual([word, word === "isro" ? "null" : notServing]);
    }
  });
});

describe("the server", () => {
  it("[FL4] srvr has ZooKeeper's lines in ZooKeeper's order", () => {
    expect(answer("srvr")).toBe(
      `${VERSION_LINE}Latency min/avg/max: 0/10.9091/86
Received: 32
Sent: 33
Connections: 3
Outstanding: 0
Zxid: 0x6
Mode: standalone
Node count: 9
`,
    );
  });

  it("[FL4] an average is a double, and the root counts twice, when nothing happened yet", () => {
    const lines = answer("srvr", FRESH).split("\n");
    expect(lines).toContain("Latency min/avg/max: 0/0.0/0");
    expect(lines).toContain("Node count: 5");
  });

  it("[FL4] stat adds a line for each connection", () => {
    expect(answer("stat")).toBe(
      `${VERSION_LINE}Clients:
 /127.0.0.1:33692[1](queued=0,recved=0,sent=0)
 /127.0.0.1:33686[1](queued=0,recved=5,sent=5)
 /127.0.0.1:33682[1](queued=0,recved=6,sent=6)

Latency min/avg/max: 0/10.9091/86
Received: 32
Sent: 33
Connections: 3
Outstanding: 0
Zxid: 0x6
Mode: standalone
Node count: 9
`,
    );
  });

  it("[FL5] the version is the package's, behind the ZooKeeper whose behaviour it has", () => {
    expect(VERSION).toBe(packageJson.version);
    expect(answer("envi")).toContain(`zookeeper.version=3.9.5-edgekeeper-${VERSION}, built on `);
  });

  it("[FL5] kazoo finds digits in front of the version", () => {
    const version = /^zookeeper\.version=(.*)$/m.exec(answer("envi"))?.[1] ?? "";
    expect(/^[\d.]*/.exec(version)?.[0].split(".").map(Number)).toEqual([3, 9, 5]);
  });

  it("[FL5] go-zk's expressions match srvr, one behind the other", () => {
    const text = answer("srvr");
    const expressions = [
      /^Zookeeper version: ([A-Za-z0-9.-]+), built on (\d\d\/\d\d\/\d{4} \d\d:\d\d [A-Za-z0-9:+-]+)/m,
      /^Latency min\/avg\/max: (\d+)\/([0-9.]+)\/(\d+)/m,
      /^Received: (\d+).*\n^Sent: (\d+).*\n^Connections: (\d+).*\n^Outstanding: (\d+)/m,
      /^Zxid: (0x[A-Za-z0-9]+).*\n^Mode: (\w+).*\n^Node count: (\d+)/m,
    ];
    const places = expressions.map((expression) => text.search(expression));
    expect(places[0]).toBe(0);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it("[FL7] conf has the lines of a server that stands alone", () => {
    expect(answer("conf")).toBe(
      `clientPort=2181
secureClientPort=-1
dataDir=durable-object
dataDirSize=67109337
dataLogDir=durable-object
dataLogSize=67109337
tickTime=2000
maxClientCnxns=0
minSessionTimeout=4000
maxSessionTimeout=40000
clientPortListenBacklog=-1
serverId=0
`,
    );
  });

  it("[FL7] dirs has the size of the database twice", () => {
    expect(answer("dirs")).toBe("datadir_size: 67109337\nlogdir_size: 67109337\n");
  });

  it("[FL8] envi has ZooKeeper's names, and its word for what is not there", () => {
    const [title, version, ...rest] = answer("envi").trimEnd().split("\n");
    expect([title, version]).toEqual([
      "Environment:",
      "zookeeper.version=3.9.5-edgekeeper-0.1.0, built on 11/22/2026 00:00 UTC",
    ]);
    expect(rest).toHaveLength(17);
    for (const line of rest) expect(line).toMatch(/^[a-z.]+=<NA>$/);
  });

  it("[FL9] mntr has what every ZooKeeper has", () => {
    expect(answer("mntr")).toBe(
      [
        "zk_version\t3.9.5-edgekeeper-0.1.0, built on 11/22/2026 00:00 UTC",
        "zk_server_state\tstandalone",
        "zk_avg_latency\t10.9091",
        "zk_max_latency\t86",
        "zk_min_latency\t0",
        "zk_packets_received\t32",
        "zk_packets_sent\t33",
        "zk_num_alive_connections\t3",
        "zk_outstanding_requests\t0",
        "zk_znode_count\t9",
        "zk_watch_count\t5",
        "zk_ephemerals_count\t3",
        "zk_approximate_data_size\t67109337",
        "zk_open_file_descriptor_count\t-1",
        "zk_max_file_descriptor_count\t-1",
        "zk_uptime\t42514",
        "zk_global_sessions\t2",
        "zk_local_sessions\t0",
        "zk_last_client_response_size\t-1",
        "zk_max_client_response_size\t-1",
        "zk_min_client_response_size\t-1",
        "zk_connection_drop_probability\t0.0",
        "zk_outstanding_tls_handshake\t0",
        "zk_auth_failed_count\t2",
        "zk_non_mtls_remote_conn_count\t0",
        "zk_non_mtls_local_conn_count\t0",
        "zk_stale_sessions_expired\t1",
        "",
      ].join("\n"),
    );
  });

  it("[FL12] resets say so", () => {
    expect(FOUR_LETTER_ANSWERS.crst).toEqual({
      type: "reset",
      statistics: "connections",
      text: "Connection stats reset.\n",
    });
    expect(FOUR_LETTER_ANSWERS.srst).toEqual({
      type: "reset",
      statistics: "server",
      text: "Server stats reset.\n",
    });
  });

  it("[FL13] nothing is traced and no digest is kept", () => {
    expect([answer("gtmk"), answer("stmk"), answer("hash")]).toEqual(["0", "0", ""]);
  });
});

describe("connections", () => {
  it("[FL6] cons tells more of a connection with a session", () => {
    expect(answer("cons")).toBe(
      ` /127.0.0.1:33692[1](queued=0,recved=0,sent=0)
 /127.0.0.1:33686[1](queued=0,recved=5,sent=5,sid=0x43b4130001,lop=GETD,est=1795324058905,to=10000,lcxid=0x4,lzxid=0x6,lresp=4477431,llat=1,minlat=0,avglat=2,maxlat=7)
 /127.0.0.1:33682[1](queued=0,recved=6,sent=6,sid=0x43b4130000,lop=GETC,est=1795324058805,to=30000,lcxid=0x5,lzxid=0x6,lresp=4477426,llat=1,minlat=0,avglat=18,maxlat=86)

`,
    );
  });

  it("[FL6] a connection whose statistics were reset has no last request", () => {
    const reset = { ...IDLE, sessionId: 0x43b4130000, sessionTimeoutMs: 30_000 };
    expect(lineOf(reset)).toBe(
      " /127.0.0.1:33692[1](queued=0,recved=0,sent=0,sid=0x43b4130000,lop=NA,est=1795324058957," +
        "to=30000,lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0)\n\n",
    );
  });

  it("[FL6] go-zk's expression matches a line", () => {
    const fields = ["sid=(0x\\w+)", "lop=(\\w+)", "est=(\\d+)", "to=(\\d+)", "lcxid=(0x\\w+)"];
    const numbers = ["lresp", "llat", "minlat", "avglat", "maxlat"].map((name) => `${name}=(\\d+)`);
    const traffic = "\\(queued=(\\d+),recved=(\\d+),sent=(\\d+)";
    const rest = [traffic, ...fields, "lzxid=(0x\\w+)", ...numbers].join(",");
    expect(lineOf({})).toMatch(
      new RegExp(`^ /((?:\\d{1,3}\\.){3}\\d{1,3}:\\d+)\\[\\d+\\]${rest}\\)$`, "m"),
    );
  });

  it.each([
    ["192.0.2.1", 7, "/192.0.2.1:7["],
    ["2001:db8::1", 7, "/[2001:db8:0:0:0:0:0:1]:7["],
    ["", 0, "/0.0.0.0:0["],
  ])("[FL23] the address %j with port %i is written %s", (address, port, written) => {
    expect(lineOf({ address, port })).toContain(` ${written}1](`);
  });

  it("[FL6] every operation has the letters that ZooKeeper has for it", () => {
    const ops: AdminOp[] = ["createSession", "create2", "deleteRecursive", "getAllChildrenNumber"];
    expect(ops.map(formatLastOperation)).toEqual(["SESS", "CREA", "DELE", "GETACN"]);
    expect(formatLastOperation(undefined)).toBe("NA");
  });
});

describe("sessions and watches", () => {
  it("[FL10] dump lists deadlines, ephemerals and connections", () => {
    expect(answer("dump")).toBe(
      `SessionTracker dump:
Session Sets (2)/(2):
1 expire at Sun Nov 22 05:07:49 UTC 2026:
\t0x43b4130001
1 expire at Sun Nov 22 05:08:09 UTC 2026:
\t0x43b4130000
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x43b4130001:
\t/a/f
0x43b4130000:
\t/a/e
\t/a/g
Connections dump:
Connections Sets (2)/(2):
1 expire at Sun Nov 22 05:07:49 UTC 2026:
\tip: /127.0.0.1:33686 sessionId: 0x43b4130001
1 expire at Sun Nov 22 05:08:09 UTC 2026:
\tip: /127.0.0.1:33682 sessionId: 0x43b4130000
`,
    );
  });

  it("[FL10] dump puts sessions of one deadline in one set", () => {
    const [one, other] = DATA.sessionList;
    const same = [one, other].map((session) => ({ ...session, deadlineMs: 1_795_324_069_000 }));
    const data = { ...DATA, sessionList: same as typeof DATA.sessionList, connectionList: [] };
    expect(answer("dump", data)).toContain(
      "Session Sets (1)/(2):\n2 expire at Sun Nov 22 05:07:49 UTC 2026:\n\t0x43b4130001\n\t0x43b4130000\n",
    );
  });

  it("[FL10] dump of nobody has its titles", () => {
    expect(answer("dump", FRESH)).toBe(
      `SessionTracker dump:
Session Sets (0)/(0):
ephemeral nodes dump:
Sessions with Ephemerals (0):
Connections dump:
Connections Sets (0)/(0):
`,
    );
  });

  it("[FL11] wchs counts data watches", () => {
    expect(answer("wchs")).toBe("2 connections watching 3 paths\nTotal watches:4\n");
  });

  it("[FL11] wchc lists paths by session", () => {
    expect(answer("wchc")).toBe("0x43b4130001\n\t/a\n\t/a/e\n\t/nope\n0x43b4130000\n\t/a\n\n");
  });

  it("[FL11] wchp lists sessions by path", () => {
    expect(answer("wchp")).toBe(
      "/a\n\t0x43b4130001\n\t0x43b4130000\n/a/e\n\t0x43b4130001\n/nope\n\t0x43b4130001\n\n",
    );
  });

  it("[FL11] wchc and wchp are an empty line without watches", () => {
    expect([answer("wchc", FRESH), answer("wchp", FRESH)]).toEqual(["\n", "\n"]);
  });
});

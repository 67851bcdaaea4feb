import { describe, expect, it } from "vitest";
import type { AdminData } from "../../../../src/core/admin-data.ts";
import {
  ADMIN_COMMANDS,
  type AdminCommandContext,
  findAdminCommand,
  formatAdminBody,
  formatCommandList,
  formatNotServing,
  formatUnknownCommand,
} from "../../../../src/protocol/admin/admin-commands.ts";
import { DATA, FRESH, OTHER } from "./fixed-data.ts";

function run(
  name: string,
  data: AdminData = DATA,
  context: AdminCommandContext = { clientPort: 2181 },
): string {
  const command = findAdminCommand(name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return formatAdminBody(command.name, command.body(data, context));
}

/** What a command answers besides its name and error. */
function bodyOf(name: string, data: AdminData = DATA, context?: AdminCommandContext): unknown {
  const { command, error, ...body } = JSON.parse(run(name, data, context));
  expect(error).toBeNull();
  expect(command).toBe(findAdminCommand(name)?.name);
  return body;
}

describe("commands", () => {
  it("[FL19] are ZooKeeper's, by name and alias", () => {
    const names = ADMIN_COMMANDS.map(({ name, aliases }) => [name, ...aliases].join(" "));
    expect(names).toEqual([
      "configuration conf config",
      "connection_stat_reset crst",
      "connections cons",
      "dirs",
      "dump",
      "environment env envi",
      "get_trace_mask gtmk",
      "hash",
      "initial_configuration icfg",
      "is_read_only isro",
      "last_snapshot lsnp",
      "leader lead",
      "monitor mntr",
      "observer_connection_stat_reset orst",
      "observers obsr",
      "ruok",
      "server_stats srvr",
      "set_trace_mask stmk",
      "stat_reset srst",
      "stats stat",
      "system_properties sysp",
      "voting_view",
      "watch_summary wchs",
      "watches wchc",
      "watches_by_path wchp",
      "zabstate",
    ]);
  });

  it("[FL18] are written as Jackson does", () => {
    const data = { ...DATA, connectionList: [OTHER] };
    expect(run("cons", data)).toBe(`{
  "connections" : [ {
    "remote_socket_address" : "127.0.0.1:33682",
    "interest_ops" : 1,
    "outstanding_requests" : 0,
    "packets_received" : 6,
    "packets_sent" : 6,
    "session_id" : 290783952896,
    "last_operation" : "GETC",
    "established" : 1795324058805,
    "session_timeout" : 30000,
    "last_cxid" : 5,
    "last_zxid" : 6,
    "last_response_time" : 4477426,
    "last_latency" : 1,
    "min_latency" : 0,
    "avg_latency" : 18,
    "max_latency" : 86
  } ],
  "secure_connections" : [ ],
  "command" : "connections",
  "error" : null
}`);
    expect(run("voting_view")).toBe(
      '{\n  "current_config" : { },\n  "command" : "voting_view",\n  "error" : null\n}',
    );
  });

  it("[FL18][FL19] stats has the statistics of the server and its connections", () => {
    expect(run("stats")).toBe(`{
  "version" : "3.9.5-edgekeeper-0.1.0, built on 11/22/2026 00:00 UTC",
  "read_only" : false,
  "server_stats" : {
    "packets_sent" : 33,
    "packets_received" : 32,
    "fsync_threshold_exceed_count" : 0,
    "client_response_stats" : {
      "last_buffer_size" : -1,
      "min_buffer_size" : -1,
      "max_buffer_size" : -1
    },
    "provider_null" : false,
    "data_dir_size" : 67109337,
    "log_dir_size" : 67109337,
    "server_state" : "standalone",
    "last_processed_zxid" : 6,
    "outstanding_requests" : 0,
    "avg_latency" : 10.9091,
    "max_latency" : 86,
    "min_latency" : 0,
    "num_alive_client_connections" : 3,
    "uptime" : 42514,
    "auth_failed_count" : 2,
    "non_mtlsremote_conn_count" : 0,
    "non_mtlslocal_conn_count" : 0
  },
  "client_response" : {
    "last_buffer_size" : -1,
    "min_buffer_size" : -1,
    "max_buffer_size" : -1
  },
  "node_count" : 9,
  "connections" : [ {
    "remote_socket_address" : "127.0.0.1:33692",
    "interest_ops" : 1,
    "outstanding_requests" : 0,
    "packets_received" : 0,
    "packets_sent" : 0
  }, {
    "remote_socket_address" : "127.0.0.1:33686",
    "interest_ops" : 1,
    "outstanding_requests" : 0,
    "packets_received" : 5,
    "packets_sent" : 5
  }, {
    "remote_socket_address" : "127.0.0.1:33682",
    "interest_ops" : 1,
    "outstanding_requests" : 0,
    "packets_received" : 6,
    "packets_sent" : 6
  } ],
  "secure_connections" : [ ],
  "command" : "stats",
  "error" : null
}`);
  });

  it("[FL19] monitor has the names of mntr without their prefix", () => {
    const names = Object.keys(bodyOf("mntr") as object);
    expect(names).toHaveLength(27);
    expect(bodyOf("mntr")).toMatchObject({ avg_latency: 10.9091, znode_count: 9, uptime: 42_514 });
    expect(run("mntr")).toContain('"connection_drop_probability" : 0.0,\n');
  });

  it("[FL19] dump has sessions by deadline and ephemerals by session", () => {
    expect(bodyOf("dump")).toEqual({
      expiry_time_to_session_ids: {
        "1795324069000": [0x43b4130001],
        "1795324089000": [0x43b4130000],
      },
      session_id_to_ephemeral_paths: {
        "290783952896": ["/a/e", "/a/g"],
        "290783952897": ["/a/f"],
      },
    });
  });

  it("[FL19] watches are there by session, by path and in numbers", () => {
    expect(bodyOf("wchc")).toEqual({
      session_id_to_watched_paths: {
        "290783952896": ["/a"],
        "290783952897": ["/a", "/a/e", "/nope"],
      },
    });
    expect(bodyOf("wchp")).toEqual({
      path_to_session_ids: {
        "/a": [0x43b4130001, 0x43b4130000],
        "/a/e": [0x43b4130001],
        "/nope": [0x43b4130001],
      },
    });
    expect(bodyOf("wchs")).toEqual({ num_connections: 2, num_paths: 3, num_total_watches: 4 });
  });

  it.each([
    ["dirs", { datadir_size: 67_109_337, logdir_size: 67_109_337 }],
    ["gtmk", { tracemask: 0 }],
    ["hash", { digests: [] }],
    ["isro", { read_only: false }],
    ["lsnp", { zxid: "1f", timestamp: 1_795_324_018 }],
    ["obsr", { synced_observers: 0, observers: [] }],
    ["orst", {}],
    ["ruok", {}],
    ["sysp", {}],
    ["zabstate", { voting: false, zabstate: "" }],
  ])("[FL19] %s answers as a server that stands alone", (name, body) => {
    expect(bodyOf(name)).toEqual(body);
  });

  it("[FL19] configuration has the port of the listener, and the text it could come from", () => {
    expect(bodyOf("conf")).toMatchObject({ client_port: 2181, tick_time: 2_000, server_id: 0 });
    expect(bodyOf("icfg")).toEqual({
      initial_configuration:
        "tickTime=2000\ndataDir=durable-object\nclientPort=2181\nmaxClientCnxns=0\n",
    });
  });

  it("[FL19] the time of a checkpoint that this instance did not write is -1", () => {
    expect(bodyOf("lsnp", FRESH)).toEqual({ zxid: "1f", timestamp: -1 });
  });

  it("[FL20] what goes wrong is in error, behind the name", () => {
    expect(formatUnknownCommand('a"b')).toBe(
      '{\n  "command" : "a\\"b",\n  "error" : "Unknown command: a\\"b"\n}',
    );
    const [first] = ADMIN_COMMANDS;
    expect(first && JSON.parse(formatNotServing(first))).toEqual({
      command: "configuration",
      error: "This ZooKeeper instance is not currently serving requests",
    });
    expect(JSON.parse(run("lead"))).toEqual({
      error: "server is not initialized",
      command: "leader",
    });
  });

  it("[FL20] set_trace_mask wants a mask, and traces nothing", () => {
    expect(JSON.parse(run("stmk")).error).toBe("setTraceMask requires long traceMask argument");
    const context = { clientPort: 2181, traceMask: "306" };
    expect(bodyOf("stmk", DATA, context)).toEqual({ tracemask: 0 });
  });

  it("[FL21] are listed as links", () => {
    const page = formatCommandList("/ns/x");
    expect(page.split("\n")[0]).toBe('<a href="/ns/x/commands/configuration">configuration</a>');
    expect(page.match(/<br\/>\n/g)).toHaveLength(ADMIN_COMMANDS.length);
  });
});

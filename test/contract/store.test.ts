import { MemoryDisk, MemoryStore } from "../../src/storage/memory-store.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { openNodeSql } from "./node-database.ts";
import { registerStoreContract } from "./store.contract.ts";

registerStoreContract("the memory store", (body) => {
  const disk = new MemoryDisk();
  body((window) => new MemoryStore(window, disk));
});

registerStoreContract("the store over node:sqlite", (body) => {
  const db = openNodeSql();
  body((window) => new SqlStore(db, window === undefined ? {} : { logWindow: window }));
});

import { runInDurableObject } from "cloudflare:test";
import { DurableObjectSql } from "../../src/storage/durable-object-sql.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { registerStoreContract } from "../contract/store.contract.ts";
import { openShard } from "./client.ts";

registerStoreContract("the store over a Durable Object", (body) =>
  runInDurableObject(openShard().stub, (_, ctx) => {
    const db = new DurableObjectSql(ctx.storage);
    body((window) => new SqlStore(db, window === undefined ? {} : { logWindow: window }));
  }),
);

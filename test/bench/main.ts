import { benchJsonCodec } from "./json-codec.ts";
import { benchWebSocket } from "./websocket.ts";
import { benchStorage } from "./storage.ts";

benchJsonCodec();
benchStorage();
await benchWebSocket();

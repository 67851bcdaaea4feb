import { benchJsonCodec } from "./json-codec.ts";
import { benchStorage } from "./storage.ts";

benchJsonCodec();
benchStorage();

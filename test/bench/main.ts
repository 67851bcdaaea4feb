import { benchJsonCodec } from "./json-codec.ts";

benchJsonCodec();

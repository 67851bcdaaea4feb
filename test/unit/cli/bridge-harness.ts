import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Bridge, type BridgeOptions } from "../../../src/cli/bridge/bridge.ts";
import { readService, type ServiceOptions } from "../../../src/cli/server/service.ts";
import { HANDSHAKE, joined } from "../protocol/pump/pump-harness.ts";
import { FakeService, type FakeServiceOptions } from "./fake-service.ts";

/** A bridge to a fake service, and its clients; {@link stop} ends all of it. */
export class BridgeHarness {
  readonly service: FakeService;
  readonly bridge: Bridge;
  readonly lines: string[];
  readonly #clients: NativeClient[] = [];

  static async start(
    serviceOptions: FakeServiceOptions = {},
    options: Partial<ServiceOptions> = {},
    limits: Pick<BridgeOptions, "clientsMax"> = {},
  ): Promise<BridgeHarness> {
    const fake = await FakeService.start(serviceOptions);
    const lines: string[] = [];
    const bridge = await Bridge.listen({
      listen: { host: "127.0.0.1", port: 0 },
      service: readService({ url: fake.url, ...options }),
      report: (line) => lines.push(line),
      ...limits,
    });
    return new BridgeHarness(fake, bridge, lines);
  }

  private constructor(service: FakeService, bridge: Bridge, lines: string[]) {
    this.service = service;
    this.bridge = bridge;
    this.lines = lines;
  }

  async client(): Promise<NativeClient> {
    const client = await NativeClient.connect(this.bridge.address.port);
    this.#clients.push(client);
    return client;
  }

  /** A client that went through its handshake. */
  async joinedClient(): Promise<NativeClient> {
    const client = await this.client();
    client.send(HANDSHAKE);
    await client.take(joined(30_000).length);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await this.bridge.stop();
    await this.service.stop();
  }
}

/** A client of raw bytes. */
export class NativeClient {
  readonly socket: Socket;
  /** What came and was not taken. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #isOver = false;
  #wake: () => void = () => undefined;

  static async connect(port: number): Promise<NativeClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const client = new NativeClient(socket);
    await once(socket, "connect");
    return client;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#piecesBytes += piece.length;
      this.#wake();
    });
    for (const event of ["end", "close"] as const) {
      socket.on(event, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
    socket.on("error", () => undefined);
  }

  send(bytes: Uint8Array | string): this {
    this.socket.write(bytes);
    return this;
  }

  /** The next so many bytes; fewer when the connection ended before. */
  async take(bytesCount: number): Promise<Buffer> {
    while (this.#piecesBytes < bytesCount && !this.#isOver) await this.#something();
    const received = Buffer.concat(this.#pieces);
    const taken = received.subarray(0, bytesCount);
    this.#pieces = [received.subarray(bytesCount)];
    this.#piecesBytes = received.length - taken.length;
    return taken;
  }

  /** Everything up to the end of the connection. */
  takeAll(): Promise<Buffer> {
    return this.take(Number.MAX_SAFE_INTEGER);
  }

  #something(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

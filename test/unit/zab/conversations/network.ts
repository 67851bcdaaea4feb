import type { Packet } from "../../../../src/zab/packet.ts";

/** Which packets a command is about: `2>1`, `2>1 ACK`. */
export interface Route {
  readonly from: number;
  readonly to: number;
  readonly type: string | undefined;
}

/** What is on its way between members, in the order sent, and who is cut off from whom. */
export class Network {
  packets: Packet[] = [];
  /** Everything ever sent: a network may bring it again at any time. */
  readonly history: Packet[] = [];
  readonly #cuts = new Set<string>();

  send(packet: Packet): void {
    this.packets.push(packet);
    this.history.push(packet);
  }

  /** Takes the packet that was sent first. */
  shift(): Packet | undefined {
    return this.packets.shift();
  }

  matching(route: Route): Packet[] {
    return this.packets.filter((packet) => isOn(packet, route));
  }

  take(packet: Packet): void {
    this.packets.splice(this.packets.indexOf(packet), 1);
  }

  cut(from: number, to: number): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  isCut({ from, to }: Packet): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }
}

export function isOn(packet: Packet, { from, to, type }: Route): boolean {
  return packet.from === from && packet.to === to && (type === undefined || packet.type === type);
}

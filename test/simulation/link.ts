import type { Identity } from "../../src/core/identity.ts";
import type { ConnectionId, Input } from "../../src/server/input.ts";
import type {
  ConnectedEffect,
  EventEffect,
  ReplyEffect,
} from "../../src/server/client-connection.ts";
import type { Code } from "../../src/core/keeper-error.ts";
import type { Sid } from "../../src/zab/configuration.ts";
import type { Door } from "./history.ts";
import type { NetworkOptions } from "./options.ts";
import type { Prng } from "./prng.ts";
import type { Schedule } from "./schedule.ts";

/** What a client sends: an input of the server without the connection and the time. */
export type ClientMessage =
  Extract<Input, { type: "connect" | "request" }> extends infer I
    ? I extends Input
      ? Omit<I, "nowMs" | "connection">
      : never
    : never;

/** What a server sends to a client. */
export type ServerMessage =
  | ReplyEffect
  | ConnectedEffect
  | EventEffect
  | { readonly type: "close"; readonly code: Code; readonly reason: string };

/** The member's end of a link. */
export interface LinkAcceptor {
  readonly sid: Sid;
  /** False: nothing listens there now. */
  accept(link: Link): boolean;
  receive(link: Link, messages: readonly ClientMessage[]): void;
  /** The platform's answer to a heartbeat; false: there is no such transport any more. */
  heartbeat(link: Link): boolean;
  /** The transport is gone. */
  gone(link: Link): void;
}

/** The client's end of a link. */
export interface LinkOwner {
  receive(link: Link, messages: readonly ServerMessage[]): void;
  pong(link: Link): void;
  /** The transport is gone, without a word from the server. */
  gone(link: Link): void;
}

/** What a link is made of. */
export interface LinkParts {
  readonly id: ConnectionId;
  readonly door: Door;
  readonly identity: Identity;
  /** Who may serve it: a gateway asks for the leader. */
  readonly routing: "leader" | "any";
  readonly owner: LinkOwner;
  readonly acceptor: LinkAcceptor;
  readonly schedule: Schedule;
  readonly rng: Prng;
  readonly network: NetworkOptions;
  /** Whether messages get through between client and member now. */
  readonly isReachable: () => boolean;
}

/**
 * One transport between a client and a member, in order in both directions, like TCP: it breaks, but
 * loses nothing before it does. What is on its way when it breaks is lost from some message on.
 *
 * Either end hears of the break a while later, or never when it was frozen.
 */
export class Link {
  readonly id: ConnectionId;
  readonly door: Door;
  readonly identity: Identity;
  readonly routing: "leader" | "any";
  readonly sid: Sid;
  readonly #parts: LinkParts;
  readonly #lastUs = { toMember: 0, toClient: 0 };
  #isFrozen = false;
  /** Neither end sends or gets anything more. */
  isBroken = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.door = parts.door;
    this.identity = parts.identity;
    this.routing = parts.routing;
    this.sid = parts.acceptor.sid;
  }

  /** Reaches out to the member; the owner hears `gone` if nothing answers there. */
  open(): void {
    this.#send("toMember", () => {
      if (!this.#parts.acceptor.accept(this)) this.break("client");
    });
  }

  toMember(messages: readonly ClientMessage[]): void {
    this.#send("toMember", () => this.#parts.acceptor.receive(this, messages));
  }

  heartbeat(): void {
    this.#send("toMember", () => {
      if (!this.#parts.acceptor.heartbeat(this)) return;
      this.#send("toClient", () => this.#parts.owner.pong(this));
    });
  }

  toClient(messages: readonly ServerMessage[]): void {
    this.#send("toClient", () => this.#parts.owner.receive(this, messages));
  }

  /** From now on everything vanishes silently, as behind a dead router. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Breaks it. The ends named hear of it, after a delay each. */
  break(...hearing: readonly ("client" | "member")[]): void {
    if (this.isBroken) return;
    this.isBroken = true;
    const { owner, acceptor, schedule } = this.#parts;
    if (hearing.includes("client")) {
      schedule.after(this.#delayUs(), () => owner.gone(this));
    }
    if (hearing.includes("member")) {
      schedule.after(this.#delayUs(), () => acceptor.gone(this));
    }
  }

  #send(way: "toMember" | "toClient", arrive: () => void): void {
    if (this.isBroken || this.#isFrozen) return;
    const { schedule, isReachable } = this.#parts;
    const atUs = Math.max(this.#lastUs[way], schedule.nowUs + this.#delayUs());
    this.#lastUs[way] = atUs;
    schedule.at(atUs, () => {
      if (this.isBroken || this.#isFrozen) return;
      // TCP would try again for a while; a partition that matters is longer than that.
      if (isReachable()) arrive();
      else this.freeze();
    });
  }

  #delayUs(): number {
    const { rng, network } = this.#parts;
    return 50 + rng.exponential(network.delayUs / 4);
  }
}

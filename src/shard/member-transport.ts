import type { MemberPacket } from "../server/ensemble/member-message.ts";
import type { Sid } from "../zab/configuration.ts";
import { formatMemberName } from "./object-name.ts";
import type { Exchanged, MemberPort } from "./shard-api.ts";

/** What the transport of a member needs. */
export interface MemberTransportOptions {
  readonly objects: DurableObjectNamespace;
  readonly ensemble: string;
  readonly sid: Sid;
  /** Where a member should live that does not exist yet; undefined = near whoever calls it first. */
  readonly regionOf: (sid: Sid) => string | undefined;
  /** Takes what a member sent back, if anything: it is there. */
  readonly answered: (from: Sid, packets: readonly MemberPacket[]) => void;
  /** Two calls in a row failed. */
  readonly unreachable: (sid: Sid) => void;
}

/**
 * Carries packets to the other members: one call for all that a flush sends to one of them. What
 * that member wants to say at once is the answer.
 *
 * Calls are not awaited one by one: those on one stub arrive in order, and nothing relies on it. A
 * stub that failed stays broken, so another one is made; an object that was only reset is back at
 * the second call.
 *
 * Source: Cloudflare "Durable Objects: Error handling".
 */
export class MemberTransport {
  readonly #options: MemberTransportOptions;
  readonly #ports = new Map<Sid, MemberPort>();

  constructor(options: MemberTransportOptions) {
    this.#options = options;
  }

  /** Sends, waits for nothing, and reports what comes of it. */
  send(to: Sid, packets: readonly MemberPacket[]): void {
    void this.#deliver(to, packets);
  }

  async #deliver(to: Sid, packets: readonly MemberPacket[]): Promise<void> {
    const answer = await this.#try(to, packets, (port) => {
      // Others may have noticed, too.
      if (this.#ports.get(to) === port) this.#ports.delete(to);
      return this.#try(to, packets, (second) => {
        if (this.#ports.get(to) === second) this.#ports.delete(to);
        return undefined;
      });
    });
    if (answer === undefined || "refused" in answer) this.#options.unreachable(to);
    else this.#options.answered(to, answer.packets);
  }

  async #try(
    to: Sid,
    packets: readonly MemberPacket[],
    otherwise: (port: MemberPort) => Promise<Exchanged | undefined> | undefined,
  ): Promise<Exchanged | undefined> {
    const port = this.#ports.get(to) ?? this.#connect(to);
    const { ensemble, sid: from } = this.#options;
    try {
      return await port.exchange({ ensemble, from, to, packets });
    } catch {
      return otherwise(port);
    }
  }

  #connect(sid: Sid): MemberPort {
    const { objects, ensemble, regionOf } = this.#options;
    const locationHint = regionOf(sid) as DurableObjectLocationHint | undefined;
    const options = locationHint === undefined ? {} : { locationHint };
    // The generated type of an RPC stub is too deep for the compiler; the interface is ours anyway.
    const stub = objects.getByName(formatMemberName(ensemble, sid), options);
    const port = stub as unknown as MemberPort;
    this.#ports.set(sid, port);
    return port;
  }
}

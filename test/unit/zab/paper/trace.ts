/** A txn as the paper writes it, ⟨v, z⟩. */
export interface Txn {
  readonly zxid: number;
  readonly value: string;
}

/** What happened, in the order in which it happened. */
export type TraceEvent =
  /** A primary, which is a process in an epoch, broadcasts. */
  | { readonly type: "broadcast"; readonly process: number; readonly epoch: number; txn: Txn }
  | { readonly type: "deliver"; readonly process: number; readonly txn: Txn };

export type Trace = readonly TraceEvent[];
type Broadcast = Extract<TraceEvent, { type: "broadcast" }>;

const isSame = (a: Txn, b: Txn): boolean => a.zxid === b.zxid && a.value === b.value;
const words = ({ zxid, value }: Txn): string => `⟨${value}, ${zxid}⟩`;

function broadcastsIn(trace: Trace): Broadcast[] {
  return trace.filter((event) => event.type === "broadcast");
}

/** What each process delivered, in its order. */
function deliveriesIn(trace: Trace): ReadonlyMap<number, readonly Txn[]> {
  const deliveries = new Map<number, Txn[]>();
  for (const { type, process, txn } of trace) {
    if (type !== "deliver") continue;
    deliveries.set(process, [...(deliveries.get(process) ?? []), txn]);
  }
  return deliveries;
}

/** Whether a process that delivers `later` delivers `earlier` before it. */
function isBefore(delivered: readonly Txn[], earlier: Txn, later: Txn): boolean {
  const at = delivered.findIndex((txn) => isSame(txn, earlier));
  const laterAt = delivered.findIndex((txn) => isSame(txn, later));
  return laterAt === -1 || (at !== -1 && at < laterAt);
}

/** Names a process that delivers `later` and has not delivered `earlier` before it. */
function disorder(
  deliveries: ReadonlyMap<number, readonly Txn[]>,
  earlier: Txn,
  later: Txn,
): string | undefined {
  for (const [process, delivered] of deliveries) {
    if (isBefore(delivered, earlier, later)) continue;
    return `${process} delivers ${words(later)} without ${words(earlier)} before it`;
  }
  return undefined;
}

/** "If some process delivers ⟨v,z⟩, then some process has broadcast ⟨v,z⟩." */
export function integrity(trace: Trace): string | undefined {
  const broadcast: Txn[] = [];
  for (const { type, process, txn } of trace) {
    if (type === "broadcast") broadcast.push(txn);
    else if (!broadcast.some((known) => isSame(known, txn))) {
      return `${process} delivers ${words(txn)}, which nobody has broadcast`;
    }
  }
  return undefined;
}

/**
 * "If some process delivers ⟨v,z⟩ before ⟨v′,z′⟩, then any process that delivers ⟨v′,z′⟩ must also
 * deliver ⟨v,z⟩ and deliver ⟨v,z⟩ before ⟨v′,z′⟩."
 */
export function totalOrder(trace: Trace): string | undefined {
  const deliveries = deliveriesIn(trace);
  for (const delivered of deliveries.values()) {
    for (const [at, later] of delivered.entries()) {
      for (const earlier of delivered.slice(0, at)) {
        const found = disorder(deliveries, earlier, later);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

/**
 * "If some process p_i delivers ⟨v,z⟩ and some process p_j delivers ⟨v′,z′⟩, then either p_i delivers
 * ⟨v′,z′⟩ or p_j delivers ⟨v,z⟩."
 */
export function agreement(trace: Trace): string | undefined {
  const deliveries = deliveriesIn(trace);
  const lacks = (delivered: readonly Txn[], txn: Txn): boolean =>
    !delivered.some((known) => isSame(known, txn));
  for (const [i, ofI] of deliveries) {
    for (const [j, ofJ] of deliveries) {
      const onlyI = ofI.find((txn) => lacks(ofJ, txn));
      const onlyJ = ofJ.find((txn) => lacks(ofI, txn));
      if (onlyI === undefined || onlyJ === undefined) continue;
      return `${i} alone delivers ${words(onlyI)}, ${j} alone ${words(onlyJ)}`;
    }
  }
  return undefined;
}

/**
 * "If a primary broadcasts ⟨v,z⟩ before it broadcasts ⟨v′,z′⟩, then a process that delivers ⟨v′,z′⟩
 * must also deliver ⟨v,z⟩ before ⟨v′,z′⟩."
 */
export function localPrimaryOrder(trace: Trace): string | undefined {
  const broadcasts = broadcastsIn(trace);
  const deliveries = deliveriesIn(trace);
  for (const [at, { epoch, txn: later }] of broadcasts.entries()) {
    for (const { txn: earlier } of broadcasts.slice(0, at).filter((one) => one.epoch === epoch)) {
      const found = disorder(deliveries, earlier, later);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/**
 * "Let a primary p_i broadcast ⟨v,z⟩, and a primary p_j, p_i ≺ p_j, broadcast ⟨v′,z′⟩. If a process
 * delivers both, it must deliver ⟨v,z⟩ before ⟨v′,z′⟩."
 */
export function globalPrimaryOrder(trace: Trace): string | undefined {
  const broadcasts = broadcastsIn(trace);
  for (const [process, delivered] of deliveriesIn(trace)) {
    let latest = 0;
    for (const txn of delivered) {
      const { epoch } = broadcasts.find((one) => isSame(one.txn, txn)) ?? { epoch: latest };
      if (epoch < latest) return `${process} delivers ${words(txn)} behind one of epoch ${latest}`;
      latest = epoch;
    }
  }
  return undefined;
}

/**
 * "If a primary p_e broadcasts ⟨v,z⟩ and some process delivers ⟨v′,z′⟩ that was broadcast by p_e′,
 * e′ < e, then p_e must deliver ⟨v′,z′⟩ before it broadcasts ⟨v,z⟩."
 */
export function primaryIntegrity(trace: Trace): string | undefined {
  const delivered = [...deliveriesIn(trace).values()].flat();
  for (const [at, event] of trace.entries()) {
    if (event.type !== "broadcast") continue;
    const own = deliveriesIn(trace.slice(0, at)).get(event.process) ?? [];
    for (const { epoch, txn } of broadcastsIn(trace)) {
      const isEarlier = epoch < event.epoch && delivered.some((one) => isSame(one, txn));
      if (!isEarlier || own.some((one) => isSame(one, txn))) continue;
      return `${event.process} leads epoch ${event.epoch} without ${words(txn)}`;
    }
  }
  return undefined;
}

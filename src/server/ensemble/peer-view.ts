import type { Member, Sid } from "../../zab/configuration.ts";
import type { PeerStatus } from "../../zab/peer-status.ts";

/** The learners in reach that have what their leader has; of anybody else none. */
export function syncedMembers({ learners }: Pick<PeerStatus, "learners">): readonly Sid[] {
  return learners.flatMap(({ sid, isSynced, isReachable }) =>
    isSynced && isReachable ? [sid] : [],
  );
}

/** The region of a member as the newest word has it; undefined if nobody said one. */
export function findRegion(
  status: Pick<PeerStatus, "configuration" | "proposedConfiguration">,
  joining: readonly Member[],
  sid: Sid,
): string | undefined {
  const { configuration, proposedConfiguration } = status;
  const members = [...configuration.members, ...(proposedConfiguration?.members ?? [])];
  const named = members.find((member) => member.sid === sid);
  return (named ?? joining.findLast((member) => member.sid === sid))?.region;
}

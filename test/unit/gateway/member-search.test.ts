import { describe, expect, it } from "vitest";
import { MemberSearch } from "../../../src/gateway/member-search.ts";

/** Whom a search asks, each answered by `answer`. */
function asked(search: MemberSearch, answers: readonly ((search: MemberSearch) => void)[]) {
  return answers.map((answer) => {
    const { sid, lost } = search;
    answer(search);
    return lost === undefined ? `${sid}` : `${sid} without ${lost}`;
  });
}

const says =
  (leader: number | undefined) =>
  (search: MemberSearch): void =>
    search.notServing(leader);
const isGone = (search: MemberSearch): void => search.failed();

describe("the search for the leader", () => {
  it("[EM10] asks the one that led the last time first", () => {
    expect(new MemberSearch([1, 2, 3], { leader: 2 }).sid).toBe(2);
    expect(new MemberSearch([1, 2, 3]).sid).toBe(1);
  });

  it("[EM10] goes to whom the one asked names, also to one that the variable doesn't", () => {
    expect(asked(new MemberSearch([1, 2, 3]), [says(3), says(9), says(2)])).toEqual([
      "1",
      "3",
      "9",
    ]);
  });

  it("[EM10] asks in turn where nobody knows", () => {
    const search = new MemberSearch([1, 2, 3], { leader: 3 });

    expect(asked(search, [says(undefined), says(undefined), says(2)])).toEqual(["3", "1", "2"]);
  });

  it("[EM11] tells everybody whom it could not reach", () => {
    const search = new MemberSearch([1, 2, 3], { leader: 3 });

    expect(asked(search, [isGone, says(3), isGone, says(2)])).toEqual([
      "3",
      "1 without 3",
      "3 without 3",
      "1 without 3",
    ]);
  });

  it("[EM11] goes on beside one that could not be reached by the request before", () => {
    const search = new MemberSearch([1, 2, 3], { lost: 1 });

    expect(asked(search, [says(undefined), says(undefined)])).toEqual([
      "2 without 1",
      "3 without 1",
    ]);
  });

  it("[EM12] pauses when everybody was asked", () => {
    const search = new MemberSearch([1, 2, 3]);
    const pauses = [1, 2, 3, 4, 5, 6].map(() => {
      search.notServing(undefined);
      return search.takePause();
    });

    expect(pauses).toEqual([false, false, true, false, false, true]);
  });
});

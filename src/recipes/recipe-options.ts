import type { CreateOptions } from "../client/index.ts";

/** What every recipe takes that makes znodes. */
export interface RecipeOptions {
  /**
   * Who may do what with the znodes that are made, parents that did not exist included; anybody may
   * do anything if absent. All who take part have to be allowed to create, read and delete.
   */
  readonly acl?: CreateOptions["acl"];
}

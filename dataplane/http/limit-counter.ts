/** What a store says of a counter, with the request that was added to it, and of that of the window before; or why it says nothing. */
export type Asked = LuaMultiReturn<
  [count: number | undefined, before?: number | undefined, problem?: string | undefined]
>;

export interface Addition {
  readonly cost: number;
  /** A counter that is made lives so long. */
  readonly ttlSeconds: number;
}

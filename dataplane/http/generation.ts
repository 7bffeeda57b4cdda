/** Hash of the compiled Lua, put in by the build (see build.ts): tells which build a worker runs. */
export const generation = '@generation@';

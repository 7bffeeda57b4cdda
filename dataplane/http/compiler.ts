/**
 * What LuaJIT's compiler may take. Its own limits are for programs with one hot loop: the way of a request through a few features is
 * longer than a trace may be, and then large parts of it are interpreted; routes that differ make more traces than it keeps, and then
 * it throws all of them away.
 *
 * Source: LuaJIT, "Running LuaJIT", -O parameters.
 */
import { start } from 'jit.opt';

/** To be called before workers are forked: they inherit it. */
export function allowLongTraces(): void {
  start('maxrecord=16000', 'maxirconst=2000', 'maxsnap=1000', 'maxtrace=8000', 'maxmcode=16384');
}

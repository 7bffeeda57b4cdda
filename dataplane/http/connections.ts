/**
 * Client connections of nginx, all workers together, from nginx's shared memory.
 *
 * Source: nginx, src/event/ngx_event.h (what the stub_status module shows).
 */
import { C, cdef } from 'ffi';
import type { ConnectionCounts } from '../policy/record.ts';

cdef(`
extern volatile uintptr_t *ngx_stat_active, *ngx_stat_reading, *ngx_stat_writing, *ngx_stat_waiting;
`);

export function connectionCounts(): ConnectionCounts {
  return {
    active: tonumber(C.ngx_stat_active[0]) ?? 0,
    reading: tonumber(C.ngx_stat_reading[0]) ?? 0,
    writing: tonumber(C.ngx_stat_writing[0]) ?? 0,
    waiting: tonumber(C.ngx_stat_waiting[0]) ?? 0,
  };
}

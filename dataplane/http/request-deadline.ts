/**
 * Reads the body of a request before it goes on, and answers 408 when it has not come to its end in time: nginx closes the connection then, and answers nothing. While a
 * thread reads another waits; whichever ends first ends the other.
 */
import type { RequestDeadlineStep } from '../policy/request-form.ts';
import type { Answer } from './exchange.ts';
import { hasBody } from './request-body.ts';
import type { WaitingWork } from './work.ts';

const TOO_LATE: Answer = { status: 408, reason: 'RequestTimeout : the request did not come to its end' };

export function requestDeadlineWork({ ms }: RequestDeadlineStep): WaitingWork {
  const seconds = ms / 1000;
  return () => {
    if (!hasBody()) return undefined;
    const reader = ngx.thread.spawn(readWhole);
    const clock = ngx.thread.spawn(sleep, seconds);
    const [, whole] = ngx.thread.wait(reader, clock);
    ngx.thread.kill(whole === true ? clock : reader);
    return whole === true ? undefined : TOO_LATE;
  };
}

function readWhole(this: void): boolean {
  ngx.req.read_body();
  return true;
}

function sleep(this: void, seconds: number): void {
  ngx.sleep(seconds);
}

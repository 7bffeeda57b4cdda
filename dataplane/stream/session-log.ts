/** One line for each session that has ended. Source: spec ALB-134. */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface SessionEnd {
  readonly client: string;
  /** TLS: by the name that the client asked for, on a port where nginx may end TLS for others. */
  readonly protocol: 'TCP' | 'UDP' | 'TLS';
  readonly port: number;
  /** 200: forwarded; 400: the PROXY header is missing or broken, or the TLS handshake failed; 500: no endpoint; 502: none accepted the connection; 503: too many are open. */
  readonly status: 200 | 400 | 403 | 500 | 502 | 503;
  /** From the client, and to it. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly seconds: number;
}

const FLUSH_MS = 1_000;
const FLUSH_BYTES = 16_384;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Buffered as nginx's access log is: 16 KiB or a second. */
export class SessionLog {
  /** Of the lines to come. */
  format: 'text' | 'json' | 'none' = 'text';
  readonly #path: string;
  #file: number;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a', 0o600);
  }

  write(end: SessionEnd): void {
    if (this.format === 'none') return;
    this.#lines += `${this.format === 'text' ? textOf(end, new Date()) : jsonOf(end, new Date())}\n`;
    if (this.#lines.length >= FLUSH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === '') return;
    writeSync(this.#file, this.#lines);
    this.#lines = '';
  }

  /** The file was renamed: goes on in a new one. */
  reopen(): void {
    this.flush();
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a', 0o600);
  }
}

export function textOf(end: SessionEnd, now: Date): string {
  const { client, protocol, port, status, bytesReceived, bytesSent, seconds } = end;
  return `[${localTime(now)}] ${client} ${protocol} ${port} ${status} ${bytesReceived} ${bytesSent} ${seconds.toFixed(3)}`;
}

/** With the names of the JSON access log of nginx where both have the same. */
export function jsonOf(end: SessionEnd, now: Date): string {
  const { client, protocol, port, status, bytesReceived, bytesSent, seconds } = end;
  const time = now.toISOString();
  return JSON.stringify({ time, client, protocol, status, bytesReceived, bytesSent, seconds: rounded(seconds), port });
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** As nginx's $time_local: `21/Nov/2026:05:40:00 +0000`. */
function localTime(now: Date): string {
  const two = (value: number): string => String(Math.abs(value)).padStart(2, '0');
  const offset = -now.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}${two(offset % 60)}`;
  const day = `${two(now.getDate())}/${MONTHS[now.getMonth()]}/${now.getFullYear()}`;
  return `${day}:${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())} ${zone}`;
}

import { Agent, request } from 'undici';
import type { Subject } from '../apiserver/subject.ts';

/** Plain requests of an administrator, for what our client has no verb for. */
export class Admin {
  readonly #subject: Subject;
  readonly #dispatcher: Agent;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#dispatcher = new Agent({ connect: { ca: subject.ca } });
  }

  /** @returns the body; undefined for 404. @throws Error with what the server said */
  async send<T = unknown>(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<T | undefined> {
    const { origin, token } = this.#subject;
    const response = await request(`${origin}${path}`, {
      method,
      dispatcher: this.#dispatcher,
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode === 404) return undefined;
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    const answer: T = JSON.parse(text);
    return answer;
  }

  patch(path: string, body: unknown): Promise<unknown> {
    return this.send('PATCH', path, body, 'application/merge-patch+json');
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}

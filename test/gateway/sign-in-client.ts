import { type Answer, ask } from '../acceptance/http-request.ts';

/** A browser without a screen: keeps cookies by origin, and goes where it is sent. */
export class SignInClient {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #addressOf: (origin: string) => { readonly to: string; readonly port: number };

  /** @param addressOf where the requests for an origin go */
  constructor(addressOf: (origin: string) => { readonly to: string; readonly port: number }) {
    this.#addressOf = addressOf;
  }

  /** Cookies of an origin, by name. */
  cookies(origin: string): Map<string, string> {
    const known = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, known);
    return known;
  }

  /** One request. @param form sent by POST */
  async ask(url: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const { origin, host, pathname, search } = new URL(url);
    const cookie = [...this.cookies(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask(this.#addressOf(origin).port, `${pathname}${search}`, {
      to: this.#addressOf(origin).to,
      host,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form).toString() }),
    });
    for (const line of answer.headers['set-cookie'] ?? []) this.#keep(origin, line);
    return answer;
  }

  /** Follows redirects until there is none, or one leads to `stop`. @returns the URL and its answer */
  async follow(url: string, stop?: string): Promise<{ readonly url: string; readonly answer?: Answer }> {
    let at = url;
    for (let count = 0; count < 20; count++) {
      if (stop !== undefined && at.startsWith(stop)) return { url: at };
      const answer = await this.ask(at);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) return { url: at, answer };
      at = new URL(location, at).href;
    }
    throw new Error(`too many redirects: ${at}`);
  }

  /** Fills in the forms of the provider of the tests. @returns where it sends the user back to */
  async signIn(url: string, user: string, callback: string): Promise<string> {
    let at = await this.follow(url, callback);
    for (const form of [{ prompt: 'login', login: user, password: 'any' }, { prompt: 'consent' }]) {
      if (at.url.startsWith(callback)) return at.url;
      const sent = await this.ask(at.url, form);
      at = await this.follow(new URL(sent.headers.location ?? '', at.url).href, callback);
    }
    return at.url;
  }

  #keep(origin: string, line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies(origin).delete(name);
    else this.cookies(origin).set(name, value);
  }
}

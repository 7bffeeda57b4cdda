import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Decompress } from 'fzstd';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { type Answer, type Ask, ask } from '../acceptance/http-request.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { startToldBackend } from '../acceptance/told-backend.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;
/** What takes as long as the spec says; waited for at the end, beside everything else. */
let long: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
  const both = {
    backendRefs: [
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ],
  };
  await lab.home.apply(
    httpRoute('timeout', [to('a', '/timeout/own', { timeouts: { request: '10s' } }), to('a', '/timeout')]),
    httpRoute('limit', [to('a', '/limit')]),
    httpRoute('spread', [{ ...to('a', '/spread'), ...both }]),
  );
  await lab.answers({ '/timeout': 'a', '/timeout/own': 'a', '/limit': 'a' });
});
afterAll(() => lab.stop());

async function statuses(path: string, count: number, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const got: number[] = [];
  for (let index = 0; index < count; index += 1) got.push((await lab.ask(path, { headers })).status);
  return got.join(' ');
}

/** `never`: it has not come to its end after ten seconds. */
async function endOf(answer: Response): Promise<'whole' | 'broken off' | 'never'> {
  const reader = answer.body?.getReader();
  const ending = reader === undefined ? 'whole' : await Promise.race([read(reader), after(10_000)]);
  await reader?.cancel().catch(() => undefined);
  return ending;
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<'whole' | 'broken off'> {
  try {
    while (!(await reader.read()).done);
    return 'whole';
  } catch {
    return 'broken off';
  }
}

async function after(ms: number): Promise<'never'> {
  await setTimeout(ms);
  return 'never';
}

describe('GW-43 timeouts', () => {
  test('GW-26 requests that take long are begun', async () => {
    await lab.home.apply(
      gateway('timed', [httpListener()]),
      httpRoute('timed', [to('a', '/own', { timeouts: { request: '10s' } }), to('a')], {
        parentRefs: [{ name: 'timed' }],
      }),
      policy('BackendTrafficPolicy', 'timed', 'Gateway/timed', { timeout: { http: { requestTimeout: '3s' } } }),
      httpRoute('slow', [to('a', '/slow/unlimited', { timeouts: { request: '0s' } }), to('a', '/slow')]),
      // A policy of the Gateway that another test makes is none of theirs.
      policy('BackendTrafficPolicy', 'slow', 'HTTPRoute/slow', { circuitBreaker: {} }),
      httpRoute('slow-once', [to('a', '/slow-once')]),
      policy('BackendTrafficPolicy', 'slow-once', 'HTTPRoute/slow-once', {
        settings: { timeout: { tcp: { connectionTimeout: '5s' }, http: { requestTimeout: 'unlimited' } } },
      }),
    );
    await lab.answers({ '/slow': 'a', '/slow/unlimited': 'a', '/slow-once': 'a' });
    const address = await lab.programmed('timed');
    const took = async (path: string, options: Ask = {}): Promise<readonly [status: number, seconds: number]> => {
      const began = performance.now();
      const { status } = await lab.ask(path, options);
      return [status, (performance.now() - began) / 1000];
    };
    long = Promise.all([
      eventuallyOnce(async () => {
        const [limited, unlimited, once] = await Promise.all([
          took('/slow?sleep=60000'),
          took('/slow/unlimited?sleep=20000'),
          took('/slow-once?sleep=20000'),
        ]);
        expect([limited[0], unlimited[0], once[0]]).toEqual([504, 200, 200]);
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'slow-once')).toContain('True Accepted');
        expect(limited[1]).toBeGreaterThan(14.9);
        expect(unlimited[1]).toBeGreaterThan(19.9);
      }),
      eventuallyOnce(async () => {
        const there = { to: address };
        const [limited, own] = await Promise.all([took('/?sleep=5000', there), took('/own?sleep=5000', there)]);
        expect([limited[0], own[0]]).toEqual([504, 200]);
        expect(limited[1]).toBeGreaterThan(2.9);
      }),
    ]);
    long.catch(() => undefined);
  });

  test('of the policy, unless the rule says how long; where it stood once, a warning is given', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'timeout', 'HTTPRoute/timeout', {
        settings: { timeout: { http: { requestTimeout: '200ms' } } },
      }),
    );
    await eventually(async () => {
      expect((await lab.ask('/timeout?sleep=700')).status).toBe(504);
      expect((await lab.ask('/timeout/own?sleep=700')).status).toBe(200);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'timeout')).toContain('True Accepted');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'timeout', 'Warning')).toContain('DeprecatedField');
    });
  });
});

describe('GW-43 all that a request may take', () => {
  test('an answer without end ends', async () => {
    let open = 0;
    const endless = createServer((_, response) => {
      open += 1;
      const timer = setInterval(() => response.write('more'), 50);
      response.on('close', () => {
        clearInterval(timer);
        open -= 1;
      });
    });
    endless.listen(0, BACKEND_ADDRESS);
    await once(endless, 'listening');
    const { port } = endless.address() as AddressInfo;
    await lab.home.apply(
      ...serviceTo({ name: 'endless', port }),
      httpRoute('endless', [to('endless', '/endless')]),
      policy('BackendTrafficPolicy', 'endless', 'HTTPRoute/endless', {
        timeout: { http: { maxStreamDuration: '1s' } },
      }),
    );
    await eventually(async () => {
      const answer = await fetch(`http://${lab.address}:${HTTP_PORT}/endless`);
      expect([answer.status, await endOf(answer)]).toEqual([200, 'broken off']);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'endless')).toContain('True Accepted');
    });
    await eventually(async () => expect(open).toBe(0));
    // The clients of a Gateway may be told the same.
    await lab.home.apply(
      gateway('brief', [httpListener()]),
      httpRoute('endless-too', [to('endless')], { parentRefs: [{ name: 'brief' }] }),
      policy('ClientTrafficPolicy', 'brief', 'Gateway/brief', {
        connection: { connectionLimit: { maxStreamDuration: '1s' } },
      }),
    );
    const brief = await lab.programmed('brief');
    await eventually(async () => {
      expect(await endOf(await fetch(`http://${brief}:${HTTP_PORT}/`))).toBe('broken off');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'brief')).toContain('True Accepted');
    });
    endless.closeAllConnections();
    endless.close();
  });

  test('also an answer that began before nginx had other ports', async () => {
    const endless = createServer((_, response) => {
      const timer = setInterval(() => response.write('more'), 50);
      response.on('close', () => clearInterval(timer));
    });
    endless.listen(0, BACKEND_ADDRESS);
    await once(endless, 'listening');
    const { port } = endless.address() as AddressInfo;
    await lab.home.apply(
      ...serviceTo({ name: 'endless-here', port }),
      gateway('renewed', [httpListener()]),
      httpRoute('renewed', [to('endless-here')], { parentRefs: [{ name: 'renewed', sectionName: 'http' }] }),
      policy('BackendTrafficPolicy', 'renewed', 'HTTPRoute/renewed', {
        timeout: { http: { maxStreamDuration: '4s' } },
      }),
    );
    const address = await lab.programmed('renewed');
    let further = 9300;
    await eventuallyOnce(async () => {
      const answer = await fetch(`http://${address}:${HTTP_PORT}/`);
      expect(answer.status).toBe(200);
      let hasEnded = false;
      const ending = endOf(answer).then((how) => {
        hasEnded = true;
        return how;
      });
      further += 1;
      await lab.home.apply(gateway('renewed', [httpListener(), httpListener('further', { port: further })]));
      await eventuallyOnce(async () => expect((await ask(further, '/', { to: address })).status).toBe(404));
      // Where opening the port took longer than the answer may, it says nothing.
      expect(hasEnded).toBe(false);
      expect(await ending).toBe('broken off');
    }, 60_000);
    endless.closeAllConnections();
    endless.close();
  });

  test('a delay on purpose is a part of it', async () => {
    const faultInjection = { delay: { fixedDelay: '1h' } };
    await lab.home.apply(
      httpRoute('delayed', [to('a', '/delayed')]),
      policy('BackendTrafficPolicy', 'delayed', 'HTTPRoute/delayed', {
        timeout: { http: { requestTimeout: '200ms' } },
        faultInjection,
      }),
    );
    await eventually(async () => expect(await statuses('/delayed', 4)).toBe('504 504 504 504'));
    const some = { timeout: { http: { requestTimeout: '700ms' } }, faultInjection: { delay: { fixedDelay: '300ms' } } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'delayed', 'HTTPRoute/delayed', some));
    await eventually(async () => {
      expect((await lab.ask('/delayed')).status).toBe(200);
      // Of what it may take 400 ms are left.
      expect((await lab.ask('/delayed?sleep=600')).status).toBe(504);
    });
  });
});

test('GW-33 what can never be right is answered 500, what is not served costs nothing', async () => {
  const limited = (value: string) => ({
    rateLimit: {
      local: {
        rules: [
          {
            clientSelectors: [{ headers: [{ name: 'x-user', type: 'RegularExpression', value }] }],
            limit: { requests: 1, unit: 'Hour' },
          },
        ],
      },
    },
  });
  await lab.home.apply(
    httpRoute('mistaken', [to('a', '/mistaken')]),
    policy('BackendTrafficPolicy', 'mistaken', 'HTTPRoute/mistaken', limited('*.illegal')),
  );
  await eventually(async () => {
    const { status, headers } = await lab.ask('/mistaken');
    expect([status, headers['x-alb-err-reason']]).toEqual([
      500,
      expect.stringMatching(/^InvalidPolicy : BackendTrafficPolicy spec.rateLimit.local.rules/),
    ]);
    expect(await policyCondition(lab, 'BackendTrafficPolicy', 'mistaken')).toMatch(
      /^False Invalid: .*\(requests are answered 500\)$/,
    );
  });
  const unserved = { ...limited('a.*'), connection: { bufferLimit: '1Ki' } };
  await lab.home.apply(policy('BackendTrafficPolicy', 'mistaken', 'HTTPRoute/mistaken', unserved));
  await eventually(async () => {
    expect(await statuses('/mistaken', 4)).toBe('200 200 200 200');
    expect(await policyCondition(lab, 'BackendTrafficPolicy', 'mistaken')).toContain('spec.connection: not served');
  });
});

describe('GW-44 rate limits', () => {
  test('a local limit without selectors is for those that no other is for; with shadowMode nobody is refused', async () => {
    const rule = (requests: number, clientSelectors?: readonly object[], shadowMode?: true) => ({
      limit: { requests, unit: 'Hour' },
      ...(clientSelectors && { clientSelectors }),
      ...(shadowMode && { shadowMode }),
    });
    const named = (value: string) => [{ headers: [{ name: 'x-user', value }] }];
    const rules = [rule(3), rule(5, named('john')), rule(2, named('jane'), true), rule(1_000_000, named('probe'))];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', {
        rateLimit: { local: { rules } },
        requestBuffer: { limit: '1Ki' },
      }),
    );
    const told = async (user: string) => {
      const { status, headers } = await lab.ask('/spread', { headers: { 'x-user': user } });
      return [status, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']];
    };
    // Every worker has it.
    await eventually(async () => {
      const probe = { method: 'POST', body: 'x'.repeat(2000), headers: { 'x-user': 'probe' } };
      const answers = await Promise.all(Array.from({ length: 20 }, () => lab.ask('/spread', probe)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]));
    });
    expect(await told('john')).toEqual([200, '5', '4']);
    expect(await statuses('/spread', 5, { 'x-user': 'john' })).toBe('200 200 200 200 429');
    expect([await told('jane'), await told('jane'), await told('jane')]).toEqual([
      [200, '2', '1'],
      [200, '2', '0'],
      [200, '2', '0'],
    ]);
    expect([await told('other'), await statuses('/spread', 3)]).toEqual([[200, '3', '2'], '200 200 429']);
    await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'spread', '-n', 'default']);
  });

  const NO_STORE = /^False Invalid: spec.rateLimit.global: the GatewayClass has no store .* counts alone$/;
  test('so many requests an hour, counted for each value of a header, for those that are meant', async () => {
    const limit = { requests: 3, unit: 'Hour' };
    const clientSelectors = [{ headers: [{ name: 'x-user', type: 'Distinct' }], methods: [{ value: 'GET' }] }];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        rateLimit: { local: { rules: [{ clientSelectors, limit }] } },
      }),
    );
    let user = 0;
    await eventuallyOnce(async () => {
      user += 1;
      expect(await statuses('/limit', 4, { 'x-user': `u${user}` })).toBe('200 200 200 429');
    });
    const refused = await lab.ask('/limit', { headers: { 'x-user': `u${user}` } });
    expect(refused.headers['x-envoy-ratelimited']).toBe('true');
    expect(refused.headers['x-alb-err-reason']).toBe('TooManyRequests : limit of the rate');
    const left = ({ status, headers }: Answer) => [
      status,
      headers['x-ratelimit-limit'],
      headers['x-ratelimit-remaining'],
    ];
    expect(left(refused)).toEqual([429, '3', '0']);
    expect(Number(refused.headers['x-ratelimit-reset'])).toBeGreaterThan(0);
    for (const remaining of ['2', '1', '0']) {
      const passed = await lab.ask('/limit', { headers: { 'x-user': `${user} again` } });
      expect(left(passed)).toEqual([200, '3', remaining]);
      // While some are left the next request fits now.
      expect(passed.headers['x-ratelimit-reset']).toMatch(remaining === '0' ? /^\d+$/ : /^0$/);
    }
    expect(left(await lab.ask('/limit'))).toEqual([200, undefined, undefined]);
    expect(await statuses('/limit', 3, { 'x-user': 'other' })).toBe('200 200 200');
    expect(await statuses('/limit', 4)).toBe('200 200 200 200');
    // A rule that says something else, and one of a policy that was made anew, begin at zero.
    const only = [{ headers: [{ name: 'x-user', type: 'Distinct' }] }];
    const changed = policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
      rateLimit: { local: { rules: [{ clientSelectors: only, limit }] } },
      requestBuffer: { limit: '1Ki' },
    });
    const inForce = (status: number) =>
      eventually(async () => {
        const posted = Array.from({ length: 20 }, () => lab.ask('/limit', { method: 'POST', body: 'x'.repeat(2000) }));
        expect(new Set((await Promise.all(posted)).map((answer) => answer.status))).toEqual(new Set([status]));
      });
    for (const _ of ['changed', 'made anew']) {
      await lab.home.apply(changed);
      await inForce(413);
      expect(await statuses('/limit', 4, { 'x-user': `u${user}` })).toBe('200 200 200 429');
      await lab.home.kubectl(['delete', 'backendtrafficpolicy', 'limit']);
      await inForce(200);
    }
    // In the next unit of time there are as many again.
    const second = { rateLimit: { local: { rules: [{ clientSelectors, limit: { requests: 1, unit: 'Second' } }] } } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', second));
    await eventuallyOnce(async () => expect(await statuses('/limit', 9, { 'x-user': 'next' })).toContain('200 429'));
    // Whole seconds, of which a part of one is none.
    await eventuallyOnce(async () => {
      const passed = await lab.ask('/limit', { headers: { 'x-user': 'next' } });
      expect([...left(passed), passed.headers['x-ratelimit-reset']]).toEqual([200, '1', '0', '0']);
    });
    expect((await lab.ask('/limit', { method: 'POST', headers: { 'x-user': `u${user}` } })).status).toBe(200);
    const many = { rateLimit: { local: { rules: Array.from({ length: 17 }, () => ({ limit })) } } };
    const empty = { rateLimit: { local: { rules: [{ limit, clientSelectors: [{}] }] } } };
    const answers = { cost: { response: { from: 'Number', number: 1 } } };
    const costly = { rateLimit: { local: { rules: [{ limit, ...answers }] } } };
    for (const spec of [many, empty, costly]) {
      const object = policy('BackendTrafficPolicy', 'bad', 'HTTPRoute/limit', spec);
      await expect(lab.home.apply(object)).rejects.toThrow('spec.rateLimit.local.rules');
    }
  });

  test('a request counts what its rule says, an answer too; metadata of Envoy are told', async () => {
    const limit = { requests: 7, unit: 'Hour' };
    const clientSelectors = [{ headers: [{ name: 'x-user', type: 'Distinct' }] }];
    const counting = (request: number, place = 'local', response?: number) => ({
      rateLimit: {
        [place]: {
          rules: [
            {
              ...{ clientSelectors, limit },
              cost: {
                request: { from: 'Number', number: request },
                ...(response === undefined ? {} : { response: { from: 'Number', number: response } }),
              },
            },
          ],
        },
      },
    });
    const most = (requests: number) => ({ requests, unit: 'Hour' });
    interface Ruled {
      readonly limit: object;
      readonly shadowMode?: boolean;
      readonly path?: object;
      readonly queryParams?: readonly object[];
      readonly methods?: readonly object[];
    }
    const ruled = (place: string, rules: readonly Ruled[]) => ({
      rateLimit: {
        [place]: {
          rules: rules.map(({ limit, shadowMode, ...selector }) => ({
            ...{ limit, shadowMode },
            clientSelectors: [{ ...clientSelectors[0], ...selector }],
          })),
        },
      },
    });
    const wanted = [
      { spec: counting(3), answers: '200 200 429 429' },
      { spec: counting(8), answers: '429 429 429 429' },
      { spec: counting(0), answers: '200 200 200 200' },
      // Answers count when they have been sent: so the third request finds 8 of 7 used.
      { spec: counting(0, 'global', 4), answers: '200 200 429 429' },
      // Of several rules the strictest wins; what is not for the request does not count.
      { spec: ruled('local', [{ limit: most(3) }, { limit: most(1) }]), answers: '200 429 429 429' },
      { spec: ruled('local', [{ limit: most(1), path: { value: '/lim' } }]), answers: '200 200 200 200' },
      { spec: ruled('local', [{ limit: most(2), path: { value: '/limit' } }]), answers: '200 200 429 429' },
      {
        spec: ruled('local', [{ limit: most(1), queryParams: [{ name: 'x', value: '1' }] }]),
        answers: '200 200 200 200',
      },
      { spec: ruled('local', [{ limit: most(2), methods: [{ value: 'GET' }] }]), answers: '200 200 429 429' },
      { spec: ruled('global', [{ limit: most(1), shadowMode: true }]), answers: '200 200 200 200' },
      { spec: ruled('local', [{ limit: most(1) }]), answers: '200 429 429 429' },
    ];
    let user = 0;
    for (const { spec, answers } of wanted) {
      await lab.home.apply(policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', spec));
      await eventually(async () => {
        user += 1;
        expect(await statuses('/limit', 4, { 'x-user': `cost${user}` })).toBe(answers);
      });
    }
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'quiet', 'Gateway/demo', { headers: { disableRateLimitHeaders: true } }),
    );
    await eventually(async () => {
      user += 1;
      const headers = { 'x-user': `cost${user}` };
      expect(await statuses('/limit', 2, headers)).toBe('200 429');
      const refused = (await lab.ask('/limit', { headers })).headers;
      expect([refused['x-envoy-ratelimited'], refused['x-ratelimit-limit']]).toEqual(['true', undefined]);
    });
    await lab.home.kubectl(['delete', 'clienttrafficpolicy', 'quiet', '-n', 'default']);
    const metadata = { from: 'Metadata', metadata: { namespace: 'a', key: 'b' } };
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        rateLimit: { local: { rules: [{ limit, cost: { request: metadata } }] } },
      }),
    );
    await eventually(async () =>
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'limit')).toBe(
        'False Invalid: spec.rateLimit.local.rules[0].cost.request: Metadata is not served, only Number',
      ),
    );
  });

  test('nothing at all; global limits without a store are told, and counted by the data plane, for clients of a network', async () => {
    const rules = [{ limit: { requests: 0, unit: 'Second' } }];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        rateLimit: { local: { rules } },
      }),
    );
    await eventually(async () => {
      expect(await statuses('/limit', 3)).toBe('429 429 429');
    });
    const limit = { requests: 2, unit: 'Hour' };
    const from = (value: string, type = 'Exact') => [{ clientSelectors: [{ sourceCIDR: { value, type } }], limit }];
    // Asked again until every worker has the policy: by then the two of the hour are gone.
    const wanted = { '192.0.2.0/24': '200 200 200', '0.0.0.0/0': '429 429 429' } as const;
    for (const [network, answers] of Object.entries(wanted)) {
      await lab.home.apply(
        policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
          rateLimit: { global: { rules: from(network, 'Distinct') } },
        }),
      );
      await eventually(async () => {
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'limit')).toMatch(NO_STORE);
        expect(await statuses('/limit', 3)).toBe(answers);
      });
    }
  });
});

describe('GW-45 load balancing', () => {
  test('the same value of a header, the same endpoint; a hash without its value is refused', async () => {
    const loadBalancer = { type: 'ConsistentHash', consistentHash: { type: 'Header', header: { name: 'X-User' } } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { loadBalancer }));
    await eventually(async () => {
      for (const user of ['1', '2', '3']) {
        const chosen = new Set<string>();
        for (let index = 0; index < 6; index += 1)
          chosen.add(await lab.answerer('/spread', { headers: { 'x-user': user } }));
        expect(chosen.size).toBe(1);
      }
    });
    const bad = [{ type: 'ConsistentHash' }, { type: 'Random', slowStart: { window: '1s' } }];
    for (const each of bad) {
      const object = policy('BackendTrafficPolicy', 'bad', 'HTTPRoute/spread', { loadBalancer: each });
      await expect(lab.home.apply(object)).rejects.toThrow('spec.loadBalancer');
    }
  });

  test('a header names the endpoint, if the route has it', async () => {
    const endpointOverride = { extractFrom: [{ header: 'X-Endpoint' }] };
    const spread = (type: string, spec: object = {}) =>
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', {
        loadBalancer: { type, endpointOverride, ...spec },
      });
    const chosen = async (named: string): Promise<string> => {
      const names = new Set<string>();
      for (let index = 0; index < 6; index += 1)
        names.add(await lab.answerer('/spread', { headers: { 'x-endpoint': named } }));
      return [...names].sort().join();
    };
    const [a, b] = lab.backends.map(({ port }) => `${BACKEND_ADDRESS}:${port}`);
    const nobody = `${BACKEND_ADDRESS}:1`;
    const hash = { consistentHash: { type: 'SourceIP' } };
    for (const object of [spread('RoundRobin'), spread('ConsistentHash', hash)]) {
      await lab.home.apply(object);
      await eventually(async () => {
        expect([await chosen(`${a}`), await chosen(`${nobody}, ${b}`)]).toEqual(['a', 'b']);
        expect((await lab.ask('/spread', { headers: { 'x-endpoint': nobody } })).status).toBe(200);
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'spread')).toContain('True Accepted');
      });
    }
  });

  test('requests go to the address of the Service, whoever serves that, instead of its endpoints', async () => {
    const wayOf = (routingType: string) =>
      policy('BackendTrafficPolicy', 'both-ways', 'HTTPRoute/both-ways', {
        routingType,
        timeout: { tcp: { connectTimeout: '200ms' } },
      });
    await lab.home.apply(httpRoute('both-ways', [to('b', '/both-ways')]), wayOf('Endpoint'));
    await lab.answers({ '/both-ways': 'b' });
    await lab.home.apply(wayOf('Service'));
    await eventually(async () => {
      const answerers = await Promise.all(Array.from({ length: 8 }, () => lab.answerer('/both-ways')));
      expect(answerers).not.toContain('b');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'both-ways')).toContain('True Accepted');
    });
    await expect(lab.home.apply(wayOf('Pod'))).rejects.toThrow('spec.routingType');
  });

  test('a body that is too large for the buffer is refused', async () => {
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { requestBuffer: { limit: '1Ki' } }),
    );
    await eventually(async () => {
      const answer = await lab.ask('/spread', { method: 'POST', body: 'x'.repeat(2000) });
      expect(answer.status).toBe(413);
    });
  });

  test('requests that fail on purpose; no more under way than allowed', async () => {
    const faultInjection = { abort: { httpStatus: 418 } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { faultInjection }));
    await eventually(async () => expect((await lab.ask('/spread')).status).toBe(418));
    const circuitBreaker = { maxParallelRequests: 1 };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { circuitBreaker }));
    await eventually(async () => {
      const answers = await Promise.all([1, 2].map(() => lab.ask('/spread?sleep=700')));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 503]);
    });
    const ofConnections = { maxConnections: 1, maxPendingRequests: 1 };
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { circuitBreaker: ofConnections }),
    );
    await eventually(async () => {
      const answers = await Promise.all([1, 2, 3].map(() => lab.ask('/spread?sleep=700')));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 503]);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'spread')).toContain('True Accepted');
    });
    const ofEndpoints = { perEndpoint: { maxConnections: 1 }, maxPendingRequests: 0 };
    await lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', { circuitBreaker: ofEndpoints }));
    await eventually(async () => {
      const who = await Promise.all([1, 2, 3].map(() => lab.answerer('/spread?sleep=700')));
      expect(who.sort()).toEqual(['503', 'a', 'b']);
    });
    await eventually(async () => expect(await statuses('/spread', 4)).toBe('200 200 200 200'));
  });

  test('by the address of the client, by a parameter, by a cookie that is made; requests that fail are sent again', async () => {
    const hash = (consistentHash: object) => ({ loadBalancer: { type: 'ConsistentHash', consistentHash } });
    const chosen = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> => {
      const names = new Set<string>();
      for (let index = 0; index < 6; index += 1) names.add(await lab.answerer(path, { headers }));
      return names.size;
    };
    const spread = (spec: object) => lab.home.apply(policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', spec));
    await spread({ ...hash({ type: 'SourceIP' }), tcpKeepalive: {} });
    await eventually(async () => {
      expect(await chosen('/spread')).toBe(1);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'spread')).toContain('True Accepted');
    });
    await spread(hash({ type: 'QueryParams', queryParams: [{ name: 'user' }] }));
    await eventually(async () => {
      const all = new Set<string>();
      for (let user = 0; user < 12; user += 1) all.add(await lab.answerer(`/spread?user=${user}`));
      expect([all.size, await chosen('/spread?user=7')]).toEqual([2, 1]);
    });
    await spread(hash({ type: 'Cookie', cookie: { name: 'stay', ttl: '1h', attributes: { SameSite: 'Strict' } } }));
    await eventually(async () => {
      const [made = ''] = (await lab.ask('/spread')).headers['set-cookie'] ?? [];
      expect(made).toMatch(/^stay=.*; Max-Age=3600; SameSite=Strict; Path=\/; HttpOnly$/);
      expect(await chosen('/spread', { cookie: made.slice(0, made.indexOf(';')) })).toBe(1);
      // What somebody else made chooses an endpoint, too, and stays.
      const all = new Set<string>();
      for (let user = 0; user < 20; user += 1) {
        const { headers } = await lab.ask('/spread', { headers: { cookie: `stay=u${user}` } });
        expect(headers['set-cookie']).toBeUndefined();
        all.add(String(headers['x-backend']));
      }
      expect([all.size, await chosen('/spread', { cookie: 'stay=u7' })]).toEqual([2, 1]);
    });
    const retry = { numRetries: 1, retryOn: { httpStatusCodes: [500] } };
    await spread({ retry, faultInjection: { delay: { fixedDelay: '300ms' } } });
    await eventually(async () => {
      const before = lab.backends.reduce((sum, { requests }) => sum + requests(), 0);
      const began = performance.now();
      expect((await lab.ask('/spread?status=500&body=x')).status).toBe(500);
      expect(lab.backends.reduce((sum, { requests }) => sum + requests(), 0) - before).toBe(2);
      expect(performance.now() - began).toBeGreaterThanOrEqual(300);
    });
  });

  test('other answers than those of backends and our own; a policy that adds to that of the Gateway', async () => {
    const body = { type: 'Inline', inline: '{"sorry":true}' };
    const range = { type: 'Range', range: { start: 500, end: 599 } };
    const responseOverride = [
      {
        match: { statusCodes: [{ value: 404 }] },
        response: {
          statusCode: 410,
          contentType: 'application/json',
          body,
          header: { set: [{ name: 'x-own', value: '1' }] },
        },
      },
      { match: { statusCodes: [range] }, redirect: { hostname: 'sorry.example', statusCode: 302 } },
      { match: { statusCodes: [{ value: 429 }] }, response: { body: { type: 'Inline', inline: 'slowly' } } },
      { match: { statusCodes: [{ value: 409 }] }, response: { statusCode: 404 } },
      {
        match: { statusCodes: [{ value: 418 }] },
        response: {
          body: { type: 'Inline', inline: '%RESPONSE_CODE% of %REQ(:METHOD)%, %REQ(X-NONE)%, 5% of %REQ(X-ME)%' },
          header: { set: [{ name: 'x-host', value: '%REQ(:AUTHORITY)%' }] },
        },
      },
    ];
    await lab.home.apply(
      policy('BackendTrafficPolicy', 'above', 'Gateway/demo', { responseOverride, compressor: [{ type: 'Gzip' }] }),
      policy('BackendTrafficPolicy', 'spread', 'HTTPRoute/spread', {
        mergeType: 'StrategicMerge',
        timeout: { http: { requestTimeout: '200ms' } },
      }),
    );
    await eventually(async () => {
      const gone = await lab.ask('/spread?status=404&body=mine');
      expect([gone.status, gone.body, gone.headers['content-type'], gone.headers['x-own']]).toEqual([
        ...[410, '{"sorry":true}', 'application/json', '1'],
      ]);
      const own = await lab.ask('/spread?status=418', { host: 'a.com', headers: { 'x-me': 'me' } });
      expect([own.body, own.headers['x-host']]).toEqual(['418 of GET, -, 5% of me', 'a.com']);
      const silent = await lab.ask('/spread?status=409&body=mine');
      expect([silent.status, silent.body, silent.headers['content-type']]).toEqual([404, '', undefined]);
      const slow = await lab.ask('/spread?sleep=700');
      expect([slow.status, slow.headers.location?.startsWith('http://sorry.example')]).toEqual([302, true]);
      expect((await lab.ask('/spread?status=403&body=mine')).body).toBe('mine');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'above')).toContain('True Accepted');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'spread', 'Merged')).toContain('True Merged');
      // Of a route with a policy of its own nothing of it is in force.
      expect((await lab.ask('/limit')).body).not.toContain('slowly');
    });
  });

  test('answers are compressed with Zstd and Brotli where a policy asks for it, and gzip for who takes that alone', async () => {
    await lab.home.apply(
      httpRoute('small', [to('a', '/small')]),
      policy('BackendTrafficPolicy', 'small', 'HTTPRoute/small', {
        compressor: [{ type: 'Brotli', minContentLength: '1Ki' }, { type: 'Gzip' }, { type: 'Zstd' }],
      }),
    );
    const coding = async (bytes: number, accepted: string): Promise<string | undefined> => {
      const path = `/small?status=200&header=content-type:%20text/plain&header=content-length:%20${bytes}&body=${'x'.repeat(bytes)}`;
      return (await lab.ask(path, { headers: { 'accept-encoding': accepted } })).headers['content-encoding'];
    };
    await eventually(async () => {
      expect(await coding(2000, 'gzip, br')).toBe('br');
      expect(await coding(2000, 'zstd, gzip, br')).toBe('br');
      expect(await coding(2000, 'zstd, gzip, br;q=0.9')).toBe('gzip');
      expect(await coding(2000, 'gzip;q=0.5, zstd')).toBe('zstd');
      expect(await coding(900, 'zstd')).toBeUndefined();
      expect(await coding(2000, 'gzip')).toBe('gzip');
      expect(await coding(2000, 'identity')).toBeUndefined();
      expect(await coding(900, 'br, gzip')).toBeUndefined();
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'small')).toContain('True Accepted');
    });
    const got = await fetch(
      `http://${lab.address}:${HTTP_PORT}/small?status=200&header=content-type:%20text/plain&body=${'y'.repeat(2000)}`,
      {
        headers: { 'accept-encoding': 'br' },
      },
    );
    expect([got.headers.get('content-encoding'), await got.text()]).toEqual(['br', 'y'.repeat(2000)]);
  });

  test('what Zstd makes of a stream is read as it comes, and whole; what is compressed already stays', async () => {
    const parts = [1, 2, 3].map((part) => `${part} ${'a line of a log, and another\n'.repeat(4_000)}`);
    let goOn = (): void => undefined;
    const streaming = createServer((request, response) => {
      const isCoded = request.url === '/streamed/coded';
      const headers = { 'content-type': 'text/plain', etag: '"1"', vary: 'origin' };
      response.writeHead(200, { ...headers, ...(isCoded ? { 'content-encoding': 'deflate' } : {}) });
      response.write(parts[0]);
      goOn = () => void response.end(parts.slice(1).join(''));
      if (isCoded || request.method === 'HEAD') goOn();
    });
    streaming.listen(0, BACKEND_ADDRESS);
    await once(streaming, 'listening');
    const { port } = streaming.address() as AddressInfo;
    await lab.home.apply(
      ...serviceTo({ name: 'streaming', port }),
      httpRoute('streamed', [to('streaming', '/streamed')]),
      policy('BackendTrafficPolicy', 'streamed', 'HTTPRoute/streamed', { compressor: [{ type: 'Zstd' }] }),
    );
    const get = (path: string, method = 'GET') =>
      fetch(`http://${lab.address}:${HTTP_PORT}${path}`, { method, headers: { 'accept-encoding': 'zstd, gzip' } });
    await eventually(async () => {
      const coded = await get('/streamed/coded');
      expect(coded.headers.get('content-encoding')).toBe('deflate');
      await coded.body?.cancel();
      const head = await get('/streamed', 'HEAD');
      expect([head.status, head.headers.get('content-encoding')]).toEqual([200, 'zstd']);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'streamed')).toContain('True Accepted');
    });
    const texts: string[] = [];
    const decoder = new Decompress((chunk) => texts.push(Buffer.from(chunk).toString()));
    const answer = await get('/streamed');
    const said = ['content-encoding', 'vary', 'etag', 'content-length'].map((name) => answer.headers.get(name));
    expect(said).toEqual(['zstd', 'origin, Accept-Encoding', 'W/"1"', null]);
    let bytes = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      decoder.push(chunk as Uint8Array);
      if (texts.join('') === parts[0]) goOn();
    }
    expect(texts.join('')).toBe(parts.join(''));
    expect(bytes).toBeLessThan(parts.join('').length / 20);
    streaming.closeAllConnections();
    streaming.close();
  });

  test('connections to backends are used for so many requests, for so long, or as long as they are busy', async () => {
    let connections = 0;
    const counting = createServer((_, response) => response.end());
    counting.on('connection', () => {
      connections += 1;
    });
    counting.listen(0, BACKEND_ADDRESS);
    await once(counting, 'listening');
    const { port } = counting.address() as AddressInfo;
    await lab.home.apply(...serviceTo({ name: 'counting', port }), httpRoute('counted', [to('counting', '/counted')]));
    const added = async (requests: number): Promise<number> => {
      const before = connections;
      for (let sent = 0; sent < requests; sent += 1) {
        await statuses('/counted', 1);
        await setTimeout(5);
      }
      return connections - before;
    };
    const short = [
      { circuitBreaker: { maxRequestsPerConnection: 1 } },
      { timeout: { http: { maxConnectionDuration: '1ms' } } },
      { settings: { timeout: { http: { connectionIdleTimeout: '1ms' } } } },
    ];
    for (const spec of short) {
      // Each of two workers may have a connection.
      await lab.home.apply(policy('BackendTrafficPolicy', 'counted', 'HTTPRoute/counted', { circuitBreaker: {} }));
      await eventuallyOnce(async () => expect(await added(16)).toBeLessThan(3));
      await lab.home.apply(policy('BackendTrafficPolicy', 'counted', 'HTTPRoute/counted', spec));
      await eventuallyOnce(async () => {
        // A connection is asked how old it is after a request, so that it may serve two: 7 of 16 are the least.
        expect(await added(16)).toBeGreaterThan(6);
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'counted')).toContain('True Accepted');
      });
    }
    counting.closeAllConnections();
    counting.close();
  });

  test('GW-45 about half of the requests fail on purpose where half are to', async () => {
    const faultInjection = { abort: { httpStatus: 503, percentage: 50 } };
    await lab.home.apply(policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', { faultInjection }));
    await eventually(async () => {
      const all = await Promise.all(Array.from({ length: 200 }, () => lab.ask('/limit')));
      const failed = all.filter(({ status }) => status === 503).length;
      // More than five standard deviations to either side.
      expect(failed).toBeGreaterThan(60);
      expect(failed).toBeLessThan(140);
      expect(all.filter(({ status }) => status === 200)).toHaveLength(200 - failed);
    });
  });

  test('an endpoint that answers with errors again and again is avoided', async () => {
    let mode = 500;
    let failed = 0;
    const broken = createServer((request, response) => {
      failed += 1;
      if (mode === 0) request.socket.destroy();
      else response.writeHead(mode).end();
    });
    broken.listen(0, BACKEND_ADDRESS);
    await once(broken, 'listening');
    const { port } = broken.address() as AddressInfo;
    const backendRefs = ['a', 'broken'].map((name) => ({ name, port: 80 }));
    await lab.home.apply(
      ...serviceTo({ name: 'broken', port }),
      httpRoute('watched', [{ ...to('a', '/watched'), backendRefs }]),
    );
    const kinds = [
      { status: 500, passive: { consecutive5XxErrors: 2 } },
      { status: 503, passive: { consecutive5XxErrors: 0, consecutiveGatewayErrors: 2 } },
      { status: 0, passive: { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2 } },
    ];
    for (const { status, passive } of kinds) {
      mode = status;
      await lab.home.apply(
        policy('BackendTrafficPolicy', 'watched', 'HTTPRoute/watched', {
          healthCheck: { passive: { baseEjectionTime: '1h', failurePercentageThreshold: 100, ...passive } },
        }),
      );
      await eventually(async () => {
        const before = failed;
        expect(await statuses('/watched', 12)).toBe(Array.from({ length: 12 }, () => 200).join(' '));
        expect(failed).toBe(before);
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'watched')).toContain('True Accepted');
      });
    }
    broken.close();
  });

  test('endpoints are told the client of each connection, which is for no other; those of other routes are not', async () => {
    const told = await startToldBackend();
    const clients = ['127.0.0.1', '127.0.0.2', '127.0.0.1'].map((from) => ({
      from,
      agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    }));
    await lab.home.apply(
      ...serviceTo({ name: 'told', port: told.port }),
      httpRoute('told', [to('told', '/told')]),
      httpRoute('untold', [to('told', '/untold')]),
      // A policy of the Gateway that another test makes is none of theirs.
      policy('BackendTrafficPolicy', 'untold', 'HTTPRoute/untold', { circuitBreaker: {} }),
    );
    for (const version of ['V1', 'V2', 'V1']) {
      await lab.home.apply(policy('BackendTrafficPolicy', 'told', 'HTTPRoute/told', { proxyProtocol: { version } }));
      await eventually(async () => {
        for (let round = 0; round < 5; round += 1) {
          for (const { from, agent } of clients) {
            const { body } = await lab.ask('/told', { from, agent });
            const [[socket]] = Object.values({ ...agent.freeSockets, ...agent.sockets }) as [Socket[]];
            expect(body).toBe(`${version.toLowerCase()} ${from} ${socket?.localPort}`);
          }
        }
        expect((await lab.ask('/untold')).status).toBe(502);
        expect(await policyCondition(lab, 'BackendTrafficPolicy', 'told')).toContain('True Accepted');
      });
    }
    for (const { agent } of clients) agent.destroy();
    told.close();
  });
});

test('GW-26 without timeouts 15 seconds, with 0s as long as it takes; GW-43 the timeout of a rule before that of the Gateway', async () => {
  await long;
});

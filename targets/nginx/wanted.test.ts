import type { DataplaneRecord } from '@causeway/dataplane/policy/record';
import type { CertificateIR, EndpointSetIR } from '@causeway/ir/gateway';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificate, endpoints, forward, listener, route } from './testing/fragments.ts';
import { type RecordKey, recordKey, WantedRecords } from './wanted.ts';

class World {
  readonly endpointSets = new Map<string, EndpointSetIR>();
  readonly certificates = new Map<string, CertificateIR>();
  readonly wanted = new WantedRecords({
    endpointSet: (id) => this.endpointSets.get(id),
    certificate: (id) => this.certificates.get(id),
  });
  /** What a data plane has that took every change. */
  readonly have = new Map<RecordKey, DataplaneRecord>();

  putEndpoints(set: EndpointSetIR): void {
    this.endpointSets.set(set.id, set);
    this.wanted.endpointSetChanged(set.id);
  }

  putCertificate(id: string, value: CertificateIR | undefined): void {
    const before = this.certificates.get(id);
    if (value === undefined) this.certificates.delete(id);
    else this.certificates.set(id, value);
    this.wanted.certificateChanged(id, (before === undefined) !== (value === undefined));
  }

  drain(): void {
    for (const [key, record] of this.wanted.drain()) {
      if (record === undefined) this.have.delete(key);
      else this.have.set(key, record);
    }
  }

  all(): Map<RecordKey, DataplaneRecord> {
    return new Map([...this.wanted.all()].map((record) => [recordKey(record.type, record.id), record]));
  }

  record(key: RecordKey): unknown {
    return this.have.get(key);
  }
}

const tlsListener = listener(443, {
  protocol: 'https',
  tls: { defaultCertificate: 'ns/d', certificates: [{ host: 'a.com', certificate: 'ns/z' }] },
});

describe('certificates', () => {
  test('only those that are referred to', () => {
    const world = new World();
    world.putCertificate('ns/d', certificate('ns/d'));
    world.putCertificate('ns/other', certificate('ns/other'));
    world.wanted.putListener(tlsListener.id, tlsListener);
    world.drain();
    expect([...world.have.keys()].sort()).toEqual(['certificate ns/d', 'port 443']);
    world.wanted.putListener(tlsListener.id, undefined);
    world.drain();
    expect([...world.have.keys()]).toEqual([]);
  });

  test('ALB-108: one that is missing is skipped, and used when it comes', () => {
    const world = new World();
    world.wanted.putListener(tlsListener.id, tlsListener);
    world.drain();
    expect([...world.have.keys()]).toEqual(['port 443']);
    world.putCertificate('ns/z', certificate('ns/z'));
    world.putCertificate('ns/d', certificate('ns/d'));
    world.drain();
    expect(world.record('serverName 443/a.com')).toMatchObject({ certificate: 'ns/z' });
    expect(world.record('port 443')).toMatchObject({ tls: { fallback: 'ns/d' } });
  });

  test("ALB-108: for one name the listener's wins, then the bytewise first", () => {
    const world = new World();
    for (const id of ['ns/d', 'ns/z', 'ns/b', 'ns/a']) world.putCertificate(id, certificate(id));
    const bring = (name: string, host: string, id: string): void => {
      world.wanted.putRoute(
        `kube-system/${name}`,
        route(name, '/', 443, { certificates: [{ host, certificate: id }] }),
      );
    };
    world.wanted.putListener(tlsListener.id, tlsListener);
    bring('r1', 'a.com', 'ns/a');
    bring('r2', 'B.com', 'ns/b');
    bring('r3', 'b.com', 'ns/a');
    world.drain();
    expect(world.record('serverName 443/a.com')).toMatchObject({ certificate: 'ns/z' });
    expect(world.record('serverName 443/b.com')).toMatchObject({ certificate: 'ns/a' });
    world.wanted.putRoute('kube-system/r3', undefined);
    world.drain();
    expect(world.record('serverName 443/b.com')).toMatchObject({ certificate: 'ns/b' });
    world.wanted.putRoute('kube-system/r2', undefined);
    world.drain();
    expect(world.record('serverName 443/b.com')).toBeUndefined();
    expect(world.record('certificate ns/b')).toBeUndefined();
  });
});

test('a change of endpoints touches the group only', () => {
  const world = new World();
  world.wanted.putListener('kube-system/alb-demo-80', listener(80));
  for (let i = 0; i < 10; i++) world.wanted.putRoute(`kube-system/r${i}`, route(`r${i}`, `/${i}`, 80));
  world.drain();
  world.putEndpoints(endpoints('default/svc:80', 1, 2));
  expect([...world.wanted.drain()].map(([key]) => key.split(' ')[0])).toEqual(['group']);
});

test('a route without listener is not served; it is when the listener comes', () => {
  const world = new World();
  world.wanted.putRoute('kube-system/r', route('r', '/', 80));
  world.drain();
  expect(world.have.size).toBe(0);
  world.wanted.putListener('kube-system/alb-demo-80', listener(80));
  world.drain();
  const types = [...world.have.keys()].map((key) => key.split(' ')[0]);
  expect(new Set(types)).toEqual(new Set(['group', 'port', 'route']));
});

describe('D4: location profiles', () => {
  const limited = (bytes: number) =>
    route('r', '/', 80, { filters: [{ type: 'bodyLimit', bytes }], action: forward([`ns/s${bytes}:80`]) });
  const open = () => {
    const world = new World();
    world.wanted.putListener('kube-system/alb-demo-80', listener(80));
    return world;
  };
  const wayOf = (world: World) => (world.record('route kube-system/r') as { action?: { way?: string } })?.action?.way;

  test('before nginx runs nothing waits: it will have them', () => {
    const world = open();
    world.wanted.putRoute('kube-system/r', limited(7));
    world.drain();
    expect([...world.wanted.profiles()].map(({ id }) => id)).toEqual([wayOf(world)]);
  });

  test('a route that needs another one stays as it was until nginx has it', () => {
    const world = open();
    world.wanted.putRoute('kube-system/r', limited(7));
    world.drain();
    const [seven] = [...world.wanted.profiles()].map(({ id }) => id);
    world.wanted.serveProfiles(new Set([seven ?? '']));
    const before = sorted(world.have);
    world.wanted.putRoute('kube-system/r', limited(8));
    world.drain();
    expect(sorted(world.have)).toEqual(before);
    expect(sorted(world.all())).toEqual(before);
    expect(world.wanted.routeOf('kube-system/r')).toEqual(limited(8));
    expect(world.wanted.waiting).toBe(1);
    const ids = [...world.wanted.profiles()].map(({ id }) => id);
    expect(ids).toHaveLength(2);

    world.wanted.serveProfiles(new Set(ids));
    world.drain();
    expect(wayOf(world)).toBe(ids[1]);
    expect(world.wanted.waiting).toBe(0);
    expect([...world.wanted.profiles()].map(({ id }) => id)).toEqual([ids[1]]);
    expect([...world.have.keys()].filter((key) => key.startsWith('group'))).toHaveLength(1);
  });

  test('one that waits may be changed back, or go', () => {
    const world = open();
    world.wanted.serveProfiles(new Set());
    world.wanted.putRoute('kube-system/r', route('r', '/', 80));
    world.drain();
    const before = sorted(world.have);
    world.wanted.putRoute('kube-system/r', limited(8));
    world.wanted.putRoute('kube-system/r', route('r', '/', 80));
    world.drain();
    expect(sorted(world.have)).toEqual(before);
    expect([...world.wanted.profiles()]).toEqual([]);
    world.wanted.putRoute('kube-system/r', limited(8));
    world.wanted.putRoute('kube-system/r', undefined);
    world.drain();
    expect([...world.have.keys()]).toEqual(['port 80']);
    expect(world.wanted.waiting).toBe(0);
  });

  test('so does a listener for its default group', () => {
    const world = open();
    world.wanted.serveProfiles(new Set());
    world.drain();
    const before = sorted(world.have);
    const fallback = forward(['ns/s:80'], { transfer: { responseBuffering: true } });
    world.wanted.putListener('kube-system/alb-demo-80', listener(80, { fallback }));
    world.drain();
    expect(sorted(world.have)).toEqual(before);
    world.wanted.serveProfiles(new Set([...world.wanted.profiles()].map(({ id }) => id)));
    world.drain();
    expect(world.record('port 80')).toMatchObject({ fallback: { type: 'forward' } });
  });
});

test('D13: change by change gives the same as from scratch', () => {
  const id = fc.integer({ min: 0, max: 3 });
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('route' as const),
      id,
      port: id,
      set: id,
      certificate: fc.option(id),
      gone: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('listener' as const),
      id,
      tls: fc.boolean(),
      set: fc.option(id),
      host: fc.boolean(),
      gone: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('endpoints' as const), id, count: id }),
    fc.record({ kind: fc.constant('certificate' as const), id, text: id, gone: fc.boolean() }),
    fc.record({ kind: fc.constant('drain' as const) }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const world = new World();
      for (const c of changes) {
        switch (c.kind) {
          case 'route': {
            const certificates =
              c.certificate === null ? [] : [{ host: `h${c.port}`, certificate: `ns/c${c.certificate}` }];
            const value = route(`r${c.id}`, '/', c.port, { action: forward([`ns/s${c.set}:80`]), certificates });
            world.wanted.putRoute(value.id, c.gone ? undefined : value);
            break;
          }
          case 'listener': {
            const value = listener(c.id, {
              protocol: c.tls ? 'https' : 'http',
              hostnames: c.host ? ['h'] : [],
              tls: { defaultCertificate: `ns/c${c.id}`, certificates: [{ host: 'h1', certificate: 'ns/c2' }] },
              ...(c.set !== null && { fallback: forward([`ns/s${c.set}:80`]) }),
            });
            world.wanted.putListener(value.id, c.gone ? undefined : value);
            break;
          }
          case 'endpoints':
            world.putEndpoints(endpoints(`ns/s${c.id}:80`, ...Array.from({ length: c.count }, (_, n) => n + 1)));
            break;
          case 'certificate':
            world.putCertificate(`ns/c${c.id}`, c.gone ? undefined : certificate(`ns/c${c.id}`, String(c.text)));
            break;
          case 'drain':
            world.drain();
            break;
        }
      }
      world.drain();
      expect(sorted(world.have)).toEqual(sorted(world.all()));
    }),
    { seed: 7, numRuns: 300 },
  );
});

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { INVALID, type Invalid, LISTENERS, RULES } from './invalid-objects.ts';

let lab: GatewayLab;

const isTaken = ({ want }: Invalid): boolean => typeof want === 'string';

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b'], LISTENERS);
  await lab.home.apply(
    ...serviceTo({ name: 'tls', port: 1 }),
    httpRoute('web', [...RULES.map((name) => to('a', `/${name}`, { name })), to('a', '/good'), to('tls', '/tls')], {
      parentRefs: [{ name: 'demo', sectionName: 'http' }],
    }),
    ...INVALID.filter(isTaken).map(({ object }) => object),
  );
});
afterAll(() => lab.stop());

interface Conditioned {
  readonly name?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

type Status = Conditioned & Readonly<Partial<Record<'ancestors' | 'listeners' | 'parents', readonly Conditioned[]>>>;

/** All that an object is told; of a listener behind its name. */
async function toldTo({ kind, metadata: { name } }: Invalid['object']): Promise<readonly string[]> {
  const ref = KIND_REFS[kind as KindName];
  const object = await lab.home.api.get(ref, ref.namespaced ? { namespace: 'default', name } : { namespace: '', name });
  const {
    conditions = [],
    listeners = [],
    parents = [],
    ancestors = [],
  } = (object as { status?: Status })?.status ?? {};
  return [{ conditions }, ...listeners, ...parents, ...ancestors].flatMap((each: Conditioned) =>
    (each.conditions ?? []).map(
      ({ type, status, reason }) => `${each.name === undefined ? '' : `${each.name}/`}${type} ${status} ${reason}`,
    ),
  );
}

describe('GW-16 what is wrong is told where it was written', () => {
  test('there are more than a hundred of the Gateway API, and not far fewer of Envoy Gateway', () => {
    const isOfEnvoy = ({ object }: Invalid) =>
      /^(gateway\.envoyproxy|envoy-gateway\.alauda)\.io/.test(object.apiVersion);
    expect(INVALID.filter((each) => !isOfEnvoy(each)).length).toBeGreaterThanOrEqual(100);
    expect(INVALID.filter(isOfEnvoy).length).toBeGreaterThanOrEqual(90);
  });

  for (const each of INVALID) {
    const { object, want } = each;
    test(`${object.kind}: ${each.title}`, async () => {
      if (typeof want === 'string')
        await eventually(async () => expect(await toldTo(object)).toEqual(expect.arrayContaining([want])));
      else await expect(lab.home.apply(object)).rejects.toThrow(want);
    });
  }

  test('of a Gateway each listener is told for itself', async () => {
    const mixed = INVALID.find(({ want }) => want === 'unknown/Accepted False UnsupportedProtocol');
    await eventually(async () => {
      expect(mixed && (await toldTo(mixed.object))).toEqual(
        expect.arrayContaining([
          'missing/ResolvedRefs False InvalidCertificateRef',
          'kind/ResolvedRefs False InvalidCertificateRef',
          'far/ResolvedRefs False RefNotPermitted',
          'routes/ResolvedRefs False InvalidRouteKinds',
        ]),
      );
    });
  });

  test('what is right is served beside all of it', async () => {
    await lab.answers({ '/good': 'a', '/missing-users': '500', '/missing-keys': '500' });
  });
});

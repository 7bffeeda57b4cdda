import { afterAll, beforeAll, expect, test } from 'vitest';
import { Checks } from './checks.ts';
import { clientNode } from './client-node.ts';
import { Place } from './place.ts';

/* The part of `causeway conformance clients` that needs no other program. */

let place: Place;
beforeAll(async () => {
  place = await Place.start();
});
afterAll(() => place.stop());

test('informers of @kubernetes/client-node, over a restart of the server', async () => {
  const checks = new Checks();
  await clientNode(place, { check: (name, act) => checks.check(name, act) });
  expect(checks.results.length).toBe(3);
  expect(checks.failures).toEqual([]);
});

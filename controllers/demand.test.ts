import { expect, test } from 'vitest';
import { Demand, type Needed } from './demand.ts';

const app: Needed = { kind: 'endpointSet', id: 'default/app:80' };
const other: Needed = { kind: 'endpointSet', id: 'default/other:80' };
const certificate: Needed = { kind: 'certificate', id: 'default/app:80' };

function recorded() {
  const turns: string[] = [];
  const demand: Demand = new Demand((need) =>
    turns.push(`${demand.has(need.kind, need.id) ? '+' : '-'}${need.kind} ${need.id}`),
  );
  return { demand, turns };
}

test('a need turns when its first owner comes and when its last goes', () => {
  const { demand, turns } = recorded();
  demand.set('rule/ns/a', [app]);
  demand.set('rule/ns/b', [app]);
  demand.set('rule/ns/a', []);
  expect(turns).toEqual(['+endpointSet default/app:80']);
  demand.set('rule/ns/b', []);
  expect(turns).toEqual(['+endpointSet default/app:80', '-endpointSet default/app:80']);
});

test('an owner that still needs the same causes nothing', () => {
  const { demand, turns } = recorded();
  demand.set('rule/ns/a', [app]);
  turns.length = 0;
  demand.set('rule/ns/a', [app, other]);
  expect(turns).toEqual(['+endpointSet default/other:80']);
});

test('kinds are counted apart, and one owner may need the same twice', () => {
  const { demand } = recorded();
  demand.set('rule/ns/a', [app, app, certificate]);
  demand.set('rule/ns/a', [app]);
  expect(demand.has('endpointSet', app.id)).toBe(true);
  expect(demand.has('certificate', certificate.id)).toBe(false);
});

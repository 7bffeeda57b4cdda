import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const PORTS = 'alb.ingress.cpaas.io/ports';
let lab: Lab;
let first: number;
let second: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  first = await lab.open('first');
  second = await lab.open('second');
});
afterAll(() => lab.stop());

function apply(ports: string): Promise<unknown> {
  return lab.home.apply(ingress('web', '/', 'app', { className: ALB, annotations: { [PORTS]: ports } }));
}

describe('LIM-04 an Ingress on further ports of the ALB', () => {
  test('the annotation chooses ports: served there, and not on the usual one', async () => {
    await apply(`${first}, ${second}`);
    await answersWith(200, first);
    await answersWith(200, second);
    const rules = await lab.home.list('Rule');
    const frontends = rules.map(({ metadata }) => metadata.labels?.['alb2.cpaas.io/frontend'] ?? '');
    expect(frontends.sort((a, b) => (a < b ? -1 : 1))).toEqual(['first', 'second']);
    await expect(ask(lab.ports.http)).rejects.toThrow('ECONNREFUSED');
  });

  test('a port that is taken off answers 404 again; the usual one can be chosen too', async () => {
    await apply(String(second));
    await answersWith(404, first);
    await answersWith(200, second);
  });

  test('a port without Frontend is told, the others are served', async () => {
    await apply(`${first}, 9`);
    await answersWith(200, first);
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain('there is no Frontend for port 9; not served on port 9');
    });
  });

  test('what is no list of ports is told, and the usual port serves', async () => {
    await apply('http');
    await answersWith(200, lab.ports.http);
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain(`${PORTS}]: Invalid value: "http": "http" must be a whole number from 1 to 65535`);
    });
  });
});

import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePorts, claimKey, findHolder, type PortClaims, type PortQuestion } from './ports.ts';
import { freePorts } from './testing/home.ts';

let blocker: Server;
let taken: number;
let free: number;
beforeEach(async () => {
  [free = 0] = await freePorts(1);
  blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  taken = (blocker.address() as AddressInfo).port;
});
afterEach(() => blocker.close());

function question(port: number, fields: Partial<PortQuestion> = {}): PortQuestion {
  const wanted = [{ id: String(port), port, protocol: 'http' }] as const;
  return { instance: 'ns/alb', wanted, addresses: ['127.0.0.1'], held: [], claims: new Map(), ...fields };
}

test('a free port is served and claimed', async () => {
  const claims: PortClaims = new Map();
  const { served, conflicts } = await choosePorts(question(free, { claims }));
  expect(served).toEqual([{ port: free, protocol: 'http', addresses: ['127.0.0.1'] }]);
  expect(conflicts).toEqual([]);
  expect([...claims]).toEqual([[claimKey('127.0.0.1', free), 'ns/alb']]);
});

test('a taken one is not, on no address, and is given up again', async () => {
  const claims: PortClaims = new Map();
  const { served, conflicts } = await choosePorts(question(taken, { claims, addresses: ['127.0.0.1', '127.0.0.2'] }));
  expect(served).toEqual([]);
  expect(conflicts[0]?.message).toContain(`127.0.0.1:${taken} is taken by process ${process.pid} (`);
  expect(claims.size).toBe(0);
});

test('one that serves already keeps its address when another cannot be had', async () => {
  const held = [{ address: '127.0.0.2', port: taken }];
  const { served, conflicts } = await choosePorts(question(taken, { held, addresses: ['127.0.0.1', '127.0.0.2'] }));
  expect(served).toEqual([{ port: taken, protocol: 'http', addresses: ['127.0.0.2'] }]);
  expect(conflicts.length).toBe(1);
});

test('of two instances asked at once, one gets the whole port', async () => {
  const claims: PortClaims = new Map();
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const [first, second] = await Promise.all([
    choosePorts(question(free, { claims, addresses })),
    choosePorts(question(free, { claims, addresses, instance: 'ns/other' })),
  ]);
  expect(first.served[0]?.addresses).toEqual(addresses);
  expect(second.served).toEqual([]);
  expect(second.conflicts[0]?.message).toContain('is taken by ns/alb');
});

test('a port that is not wanted any more is given up', async () => {
  const claims: PortClaims = new Map([
    [claimKey('127.0.0.1', 1), 'ns/alb'],
    [claimKey('127.0.0.1', 2), 'ns/other'],
  ]);
  await choosePorts(question(free, { claims, wanted: [] }));
  expect([...claims.values()]).toEqual(['ns/other']);
});

test('an address the machine does not have is left out', async () => {
  const { served } = await choosePorts(question(free, { addresses: ['127.0.0.1', '192.0.2.77'] }));
  expect(served[0]?.addresses).toEqual(['127.0.0.1']);
});

test('ALB-123: without an address nothing is served, and that is said', async () => {
  const { served, conflicts } = await choosePorts(question(free, { addresses: [] }));
  expect(served).toEqual([]);
  expect(conflicts[0]?.message).toBe('there is no address to listen on');
});

test('nobody holds a free port', () => {
  expect(findHolder('127.0.0.1', free)).toBeUndefined();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOnMachine, parseAddressRange } from './addresses.ts';
import { OwnAddresses } from './own-address.ts';
import { testRuntime } from './testing/runtime.ts';

let folders: readonly string[];
beforeAll(() => {
  folders = ['a', 'b'].map((name) => mkdtempSync(join(tmpdir(), `own-${name}-`)));
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const RUNTIME = testRuntime();
const ANY = { ipv6: true, wanted: [] };
const folder = (index: number): string => folders[index] ?? '';

describe('ALB-122 an address of its own', () => {
  test('inside 127.0.0.0/8: kept over a restart of the agent, another instance has another, given back', async () => {
    const range = parseAddressRange('127.90.0.0/16');
    const own = new OwnAddresses(range, RUNTIME);
    const first = await own.hold('ns/a', folder(0), ANY);
    const second = await own.hold('ns/b', folder(1), ANY);
    expect(first).toMatchObject({ problems: [], addresses: [expect.stringMatching(/^127\.90\./)] });
    expect(second.addresses).not.toEqual(first.addresses);
    expect(await own.hold('ns/a', folder(0), ANY)).toEqual(first);
    expect(await new OwnAddresses(range, RUNTIME).hold('ns/a', folder(0), ANY)).toEqual(first);
    await own.release('ns/a', folder(0));
    await own.release('ns/b', folder(1));
  });

  test('GW-04 wanted ones: those of the network that nobody has, kept over a restart; others are told', async () => {
    const range = parseAddressRange('127.90.2.0/24');
    const own = new OwnAddresses(range, RUNTIME);
    const wanted = ['127.90.2.9', '127.90.2.7', '203.0.113.1'];
    const held = { addresses: wanted.slice(0, 2), problems: ['address 203.0.113.1 is not one of 127.90.2.0/24'] };
    expect(await own.hold('ns/a', folder(0), { ipv6: true, wanted })).toEqual(held);
    expect(await new OwnAddresses(range, RUNTIME).hold('ns/a', folder(0), { ipv6: true, wanted })).toEqual(held);
    const other = { ipv6: true, wanted: ['127.90.2.9'] };
    expect(await own.hold('ns/b', folder(1), other)).toEqual({
      addresses: [],
      problems: ['address 127.90.2.9 is taken by ns/a'],
    });
    expect(await own.hold('ns/a', folder(0), { ipv6: true, wanted: ['127.90.2.7'] })).toMatchObject({ problems: [] });
    expect(await own.hold('ns/b', folder(1), other)).toEqual({ addresses: ['127.90.2.9'], problems: [] });
    expect(await own.hold('ns/a', folder(0), ANY)).toEqual({ addresses: ['127.90.2.7'], problems: [] });
    await own.release('ns/a', folder(0));
    await own.release('ns/b', folder(1));
  });

  test('a network of two: never the first or last address of 256, so the third instance gets none', async () => {
    const own = new OwnAddresses(parseAddressRange('127.90.1.0/31'), RUNTIME);
    expect(await own.hold('ns/a', folder(0), ANY)).toMatchObject({ addresses: ['127.90.1.1'] });
    expect(await own.hold('ns/b', folder(1), ANY)).toEqual({
      addresses: [],
      problems: ['no address of 127.90.1.0/31 is free'],
    });
    await own.release('ns/a', folder(0));
  });

  test('no network: that is said', async () => {
    const { addresses, problems } = await new OwnAddresses(undefined, RUNTIME).hold('ns/a', folder(0), ANY);
    expect(addresses).toEqual([]);
    expect(problems[0]).toContain('--instance-addresses');
  });

  test('in a pod: all of its addresses', async () => {
    expect(
      (await new OwnAddresses('pod', RUNTIME).hold('ns/a', folder(0), { ipv6: false, wanted: [] })).addresses,
    ).toContain('127.0.0.1');
  });

  test.skipIf(process.getuid?.() !== 0)('elsewhere: put on the machine; two agents keep off each other', async () => {
    const range = parseAddressRange('203.0.113.0/30');
    const [one, other] = [new OwnAddresses(range, RUNTIME), new OwnAddresses(range, RUNTIME)];
    const [first, second] = await Promise.all([one.hold('ns/a', folder(0), ANY), other.hold('ns/a', folder(1), ANY)]);
    const addresses = [...first.addresses, ...second.addresses];
    expect(new Set(addresses).size).toBe(2);
    expect(addresses.every(isOnMachine)).toBe(true);
    await one.release('ns/a', folder(0));
    await other.release('ns/a', folder(1));
    expect(addresses.some(isOnMachine)).toBe(false);
  });
});

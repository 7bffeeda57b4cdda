import { execFile } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
});
afterAll(() => lab.stop());

/** An address of the machine that is not on the loopback device. */
const elsewhere = Object.entries(networkInterfaces())
  .filter(([name]) => name !== 'lo')
  .flatMap(([, entries]) => entries ?? [])
  .find(({ family }) => family === 'IPv4')?.address;

/** What came of a request: a status, or the code of the error. */
async function outcomeAt(address: string): Promise<number | string> {
  const host = isIPv4(address) ? address : `[${address}]`;
  try {
    return (await fetch(`http://${host}:${port}/`)).status;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException).code ?? 'failed';
  }
}

async function statusOf() {
  return (await lab.home.read('ALB2', { namespace: 'kube-system', name: ALB }))?.status;
}

describe('ALB-123 bind NIC', () => {
  test('the named interface serves, by both families', async () => {
    expect(await outcomeAt('127.0.0.1')).toBe(200);
    expect(await outcomeAt('::1')).toBe(200);
  });

  test.skipIf(elsewhere === undefined)(
    'an address of another interface refuses; with every interface it serves',
    async () => {
      expect(await outcomeAt(elsewhere ?? '')).toBe('ECONNREFUSED');
      await lab.home.configure(ALB, { bindNIC: '{}' });
      await eventually(async () => expect(await outcomeAt(elsewhere ?? '')).toBe(200));
      await lab.home.configure(ALB, { bindNIC: '{"nic":["lo"]}' });
      await eventually(async () => expect(await outcomeAt(elsewhere ?? '')).toBe('ECONNREFUSED'));
      expect(await outcomeAt('127.0.0.1')).toBe(200);
    },
  );

  test('enableIPV6 false: only IPv4 listens', async () => {
    await lab.home.configure(ALB, { enableIPV6: 'false' });
    await eventually(async () => expect(await outcomeAt('::1')).toBe('ECONNREFUSED'));
    expect(await outcomeAt('127.0.0.1')).toBe(200);
    await lab.home.configure(ALB, { enableIPV6: 'true' });
    await eventually(async () => expect(await outcomeAt('::1')).toBe(200));
  });

  test('an unknown interface: no listener, the Warning names it, an event too; corrected, it serves again', async () => {
    await lab.home.configure(ALB, { bindNIC: '{"nic":["nic-7"]}' });
    await eventually(async () => {
      const status = await statusOf();
      expect(status?.state).toBe('Warning');
      expect(status?.reason).toContain('interface nic-7 does not exist');
    });
    await eventually(async () => expect(await outcomeAt('127.0.0.1')).toBe('ECONNREFUSED'));
    await eventually(async () =>
      expect(await lab.home.kubectl(['describe', 'alb2', ALB, '-n', 'kube-system'])).toMatch(
        /Warning\s+InstanceWarning .*nic-7/,
      ),
    );
    await lab.home.configure(ALB, { bindNIC: '{"nic":["lo"]}' });
    await eventually(async () => expect(await statusOf()).toMatchObject({ state: 'Running', reason: '' }));
    await eventually(async () => expect(await outcomeAt('127.0.0.1')).toBe(200));
  });

  test.skipIf(process.getuid?.() !== 0)('an address that appears later is used, one that goes is let go', async () => {
    const late = '203.0.113.77';
    const ip = (verb: string) => promisify(execFile)('ip', ['address', verb, `${late}/32`, 'dev', 'lo']);
    await ip('add');
    try {
      await eventually(async () => expect(await outcomeAt(late)).toBe(200));
    } finally {
      await ip('del');
    }
    expect(await outcomeAt('127.0.0.1')).toBe(200);
  });
});

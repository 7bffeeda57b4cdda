import { assert, test } from 'vitest';
import { mayConnect } from './access.ts';

test('the first rule that is for a connection decides', () => {
  const access = {
    rules: [
      { allows: false, clients: ['10.1.0.0/16'] },
      { allows: true, clients: ['10.0.0.0/8'], peers: ['192.0.2.0/24'] },
    ],
    allowsOthers: false,
  };
  const cases = [
    ['10.1.2.3', '192.0.2.1', false],
    ['10.2.2.3', '192.0.2.1', true],
    ['10.2.2.3', '198.51.100.1', false],
    ['203.0.113.1', '192.0.2.1', false],
    ['', '192.0.2.1', false],
  ] as const;
  for (const [client, peer, want] of cases) assert.equal(mayConnect(access, client, peer), want, client);
  assert.isTrue(mayConnect({ rules: [], allowsOthers: true }, '10.1.2.3', ''));
  assert.isTrue(mayConnect(undefined, '10.1.2.3', ''));
});

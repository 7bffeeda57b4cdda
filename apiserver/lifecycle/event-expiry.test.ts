import { expect, test } from 'vitest';
import { Authorizer } from '../access/authorizer.ts';
import { RoleIndex } from '../access/role-index.ts';
import type { Core } from '../core.ts';
import { Registry } from '../registry/registry.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import { Store } from '../storage/store.ts';
import { silentLog, temporaryDirectory } from '../testing/server.ts';
import { WebhookClient } from '../webhook/webhook-client.ts';
import { EventExpiry } from './event-expiry.ts';

test('events go an hour after they last happened', async () => {
  const directory = temporaryDirectory();
  const store = new Store(directory.path);
  let now = new Date('2026-01-01T00:59:00Z');
  const core: Core = {
    store,
    registry: new Registry(store, loadBuiltInSchemas(), new WebhookClient({ addressOf: () => 'nowhere' })),
    authorizer: new Authorizer(new RoleIndex(store)),
    admit: undefined,
    log: silentLog,
    now: () => now,
  };
  const events = core.registry.find('', 'events');
  if (events === undefined) throw new Error('no events');
  const event = { apiVersion: 'v1', kind: 'Event' };
  const metadata = { namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' };
  await store.put(events.collection, { ...event, metadata: { ...metadata, name: 'once', uid: '1' } });
  await store.put(events.collection, {
    ...event,
    metadata: { ...metadata, name: 'again', uid: '2' },
    lastTimestamp: '2026-01-01T00:30:00Z',
  });
  const names = (): string[] => events.collection.range('').map(({ name }) => name);
  const expiry = new EventExpiry(core, events);
  await expiry.sweep();
  expect(names()).toEqual(['again', 'once']);
  now = new Date('2026-01-01T01:01:00Z');
  await expiry.sweep();
  expect(names()).toEqual(['again']);
  now = new Date('2026-01-01T01:31:00Z');
  await expiry.sweep();
  expect(names()).toEqual([]);
  expiry.stop();
  await store.close();
  directory.remove();
});

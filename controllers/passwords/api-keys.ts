import { createHash, timingSafeEqual } from 'node:crypto';
import { parseObjectKey } from '@causeway/apis/meta/object';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { AgentAnswer } from '@causeway/targets/nginx/question-server';

/** Whose key that is: each entry of a Secret is a client and its key; of those with one name the first counts. How long it takes says nothing about keys. Source: GW-34. */
export function clientOfKey(snapshot: Snapshot, secrets: readonly string[], key: string): AgentAnswer {
  const given = digest(key);
  let user: string | undefined;
  const clients = new Set<string>();
  for (const id of secrets) {
    const secret = snapshot.present.get('Secret', parseObjectKey(id));
    if (secret === undefined) return { verdict: 'broken' };
    for (const [name, value] of Object.entries(secret.data ?? {})) {
      if (clients.has(name)) continue;
      clients.add(name);
      const known = Buffer.from(value, 'base64').toString('utf8');
      if (known !== '' && timingSafeEqual(digest(known), given)) user ??= name;
    }
  }
  return user === undefined ? { verdict: 'no' } : { verdict: 'yes', user };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

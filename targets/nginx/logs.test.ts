import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'vitest';
import { endpoints, forward, route } from './testing/fragments.ts';
import { eventually } from './testing/home.ts';
import { OneRoute } from './testing/one-route.ts';

const one = OneRoute.forTests();

test('ALB-134: logs are copied to streams where containers have them, also over a rotation', async () => {
  let [access, errors] = ['', ''];
  const logOutput = { access: new PassThrough(), errors: new PassThrough() };
  logOutput.access.on('data', (chunk: Buffer) => {
    access += chunk.toString();
  });
  logOutput.errors.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  await one.startAgain({ logOutput });
  one.put(
    route('dead', '/dead', one.port, { action: forward(['default/dead:80']) }),
    endpoints('default/dead:80', one.otherPort),
  );
  await one.instances.ready();
  await one.get('/first');
  await one.get('/dead');
  const said = (text: string) => (access.includes(text) ? true : undefined);
  await eventually('the first line', () => said('"GET /first HTTP/1.1" 200'));
  await eventually('the error', () => (errors.includes('connect() failed') ? true : undefined));
  writeFileSync(join(one.home.directory, 'access.log'), '#'.repeat(9 << 20), { flag: 'a' });
  await eventually('rotation', () => (existsSync(join(one.home.directory, 'access.log.1')) ? true : undefined));
  await eventually('a line of the new file', async () => {
    await one.get('/second');
    return said('"GET /second HTTP/1.1" 200');
  });
});

/** `causeway conformance clients`: programs that others wrote, against our API server; see README.md. */
import { Command } from 'commander';
import { Checks } from './checks.ts';
import { CLIENTS } from './clients.ts';
import { Place } from './place.ts';
import { RealPlace } from './real-place.ts';

interface Flags {
  readonly only?: string;
  readonly real?: true;
}

const flags = new Command('causeway conformance clients')
  .description('Runs clients that others wrote against our API server, and says what holds.')
  .option('--only <name>', `one of ${CLIENTS.map(({ name }) => name).join(', ')}`)
  .option('--real', 'tests of an API server against a real kube-apiserver: what holds there')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const { only, real } = flags;
let failed = 0;
for (const client of CLIENTS) {
  const { name } = client;
  if ((only !== undefined && name !== only) || (real === true && !('test' in client))) continue;
  const checks = new Checks();
  try {
    await seen(client, checks);
  } catch (error) {
    checks.results.push({ name: 'runs to its end', failure: String(error) });
  }
  failed += checks.failures.length;
  const hold = checks.results.filter(({ failure }) => failure === undefined).length;
  console.log(`${name}: ${hold} of ${checks.results.length} hold`);
  for (const { name: what, failure } of checks.results) {
    if (failure === undefined) console.log(`  ok    ${what}`);
    else console.log(`  FAIL  ${what}\n${failure.replaceAll(/^/gm, '        ')}`);
  }
}
process.exit(failed === 0 ? 0 : 1);

/** Each gets a server of its own. */
async function seen(client: (typeof CLIENTS)[number], checks: Checks): Promise<void> {
  if ('test' in client) {
    const place = real === true ? await RealPlace.start() : await Place.start('none');
    await client.test(place, checks).finally(() => place.stop());
  } else {
    const place = await Place.start();
    await client.run(place, checks).finally(() => place.stop());
  }
}

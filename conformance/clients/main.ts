/** `causeway conformance clients`: programs that others wrote, against our API server; see README.md. */
import { Command } from 'commander';
import { Checks } from './checks.ts';
import { CLIENTS } from './clients.ts';
import { Place } from './place.ts';

const flags = new Command('causeway conformance clients')
  .description('Runs clients that others wrote against our API server, and says what holds.')
  .option('--only <name>', `one of ${CLIENTS.map(({ name }) => name).join(', ')}`)
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ readonly only?: string }>();

const { only } = flags;
let failed = 0;
for (const { name, run, alone } of CLIENTS.filter((client) => only === undefined || client.name === only)) {
  const checks = new Checks();
  const place = await Place.start(alone !== true);
  try {
    await run(place, checks);
  } catch (error) {
    checks.results.push({ name: 'runs to its end', failure: String(error) });
  } finally {
    await place.stop();
  }
  failed += checks.failures.length;
  const hold = checks.results.filter(({ failure }) => failure === undefined).length;
  console.log(`${name}: ${hold} of ${checks.results.length} hold`);
  for (const { name: what, failure, known } of checks.results) {
    if (failure === undefined) console.log(`  ok    ${what}`);
    else if (known !== undefined) console.log(`  known ${what}: ${known}`);
    else console.log(`  FAIL  ${what}\n${failure.replaceAll(/^/gm, '        ')}`);
  }
}
process.exit(failed === 0 ? 0 : 1);

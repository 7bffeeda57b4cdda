/** `causeway alb`: what ALBs and IngressNginx objects serve and how, from the Kubernetes API. Source: spec ALB-131 (`albctl`). */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { checkIngress } from '@causeway/explain/alb/ingress-check';
import { renderIngressCheck } from '@causeway/explain/alb/ingress-check-text';
import { listPolicies, neededSecrets } from '@causeway/explain/alb/policies';
import { renderAlbPolicies } from '@causeway/explain/alb/policies-text';
import { reportAlb } from '@causeway/explain/alb/report';
import { renderAlbReport } from '@causeway/explain/alb/report-text';
import { listRules } from '@causeway/explain/alb/rules';
import { renderAlbRules } from '@causeway/explain/alb/rules-text';
import { renderAlbSummaries, summarizeAlb } from '@causeway/explain/alb/summary';
import { trafficOf } from '@causeway/explain/alb/traffic';
import { renderAlbTraffic } from '@causeway/explain/alb/traffic-text';
import { printable } from '@causeway/explain/printable';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { type Kubeconfig, loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { Command, InvalidArgumentError, Option } from 'commander';
import { dnsServerOption } from './child/dns-server.ts';
import { tellFailure } from './command/failure.ts';
import { allDataPlanes, namedDataPlane, namedDataPlanes } from './inspection/data-planes.ts';
import { readInstances } from './inspection/instance-readings.ts';
import { addSecrets, readSnapshot } from './inspection/snapshot.ts';

interface Flags {
  readonly output: 'text' | 'json';
  readonly dataDir: string;
  readonly kubeconfig?: string;
  readonly dnsServer: readonly string[];
}

interface TopFlags extends Flags {
  readonly seconds: number;
  readonly limit: number;
  readonly tokenFile?: string;
}

interface Api {
  readonly kubeconfig: Kubeconfig;
  readonly client: KubernetesClient;
  readonly snapshot: Snapshot;
  readonly view: View;
}

const program = new Command('causeway alb')
  .description('What ALBs serve and how; an IngressNginx is an ALB here.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

command('list', 'Every ALB, a line each.').action((flags: Flags) =>
  show(flags, ({ view }) => {
    const albs = allDataPlanes(view).flatMap((key) => summarizeAlb(view, key) ?? []);
    return [albs, () => (albs.length === 0 ? 'There is no ALB2 and no IngressNginx.' : renderAlbSummaries(albs))];
  }),
);

command('status', 'Data planes, ports and problems of one ALB or all.')
  .argument('[name]', 'name or namespace/name')
  .action((name: string | undefined, flags: Flags) =>
    show(flags, ({ view }) => {
      const reports = namedDataPlanes(view, name).flatMap((key) => reportAlb(view, key, Date.now()) ?? []);
      return [reports, () => reports.map(renderAlbReport).join('\n\n')];
    }),
  );

command('rules', 'The rules of an ALB in the order in which requests meet them.')
  .argument('<name>', 'name or namespace/name')
  .option('--json', 'the same as -o json')
  .action((name: string, flags: Flags & { readonly json?: boolean }) =>
    show({ ...flags, ...(flags.json === true && { output: 'json' }) }, ({ view }) => {
      const rules = listRules(view, namedDataPlane(view, name));
      return [rules, () => renderAlbRules(rules)];
    }),
  );

command('check-ingress', 'Which ALBs serve an Ingress, and why others do not.')
  .argument('<ingress>', 'namespace/name', parseIngress)
  .option('--alb <name>', 'judge only this ALB: name or namespace/name')
  .option('--all', 'list also ALBs of other classes')
  .action((ingress: ObjectKey, flags: Flags & { readonly alb?: string; readonly all?: boolean }) =>
    show(flags, ({ view }) => {
      const planes = flags.alb === undefined ? allDataPlanes(view) : namedDataPlanes(view, flags.alb);
      const check = checkIngress(view, ingress, planes);
      if (check === undefined) throw new Error(`there is no Ingress ${ingress.namespace}/${ingress.name}`);
      const listed = check.albs.filter(
        ({ obstacle }) => obstacle !== 'class' || flags.all === true || flags.alb !== undefined,
      );
      const shown = { ...check, albs: listed };
      return [shown, () => renderIngressCheck(shown, check.albs.length - listed.length)];
    }),
  );

command(
  'policies',
  'What the data planes of an ALB hold: ports, routes, groups of endpoints, certificates without keys.',
)
  .argument('<name>', 'name or namespace/name')
  .option('--port <number>', 'only what belongs to this port', parsePort)
  .action((name: string, flags: Flags & { readonly port?: number }) =>
    show(flags, async ({ client, snapshot, view }) => {
      const alb = namedDataPlane(view, name);
      await addSecrets(snapshot, client, neededSecrets(view, alb));
      const { port } = flags;
      const policies = listPolicies(view, alb, { ...(port !== undefined && { port }), now: Date.now() });
      return [policies, () => renderAlbPolicies(policies)];
    }),
  );

command('top', 'Requests, errors and latency by rule, as they are now.')
  .argument('[name]', 'name or namespace/name')
  .option('--seconds <number>', 'how long to watch', parseCount, 5)
  .option('--limit <number>', 'at most so many rules of each ALB, the busiest first', parseCount, 20)
  .option('--token-file <file>', 'token for the metrics port, instead of that of the kubeconfig')
  .action((name: string | undefined, flags: TopFlags) => show(flags, (api) => top(api, name, flags)));

// `alb rules NAME | head` reads what it wants.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  tellFailure(error);
  process.exitCode = 1;
}

/** A subcommand with the options that all have. */
function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .option('--data-dir <dir>', 'the data directory of the running `up`', path.join(homedir(), '.causeway'))
    .option('--kubeconfig <file>', 'instead of <data-dir>/kubeconfig')
    .addOption(dnsServerOption())
    .allowExcessArguments(false);
}

/** What `-o json` prints, and the text of it. */
type Shown = readonly [data: unknown, text: () => string];

async function show(flags: Flags, look: (api: Api) => Shown | Promise<Shown>): Promise<void> {
  const file = path.resolve(flags.kubeconfig ?? path.join(flags.dataDir, 'kubeconfig'));
  const kubeconfig = await loadKubeconfig(file);
  const client = createClient(kubeconfig);
  try {
    const snapshot = await readSnapshot(client, flags.dnsServer);
    const view = snapshot.view('alb');
    await addSecrets(snapshot, client, [
      ...new Set(allDataPlanes(view).flatMap((key) => neededSecrets(view, key, false))),
    ]);
    const [data, text] = await look({ kubeconfig, client, snapshot, view });
    process.stdout.write(`${flags.output === 'json' ? JSON.stringify(data, undefined, 2) : printable(text())}\n`);
  } finally {
    await client.close();
  }
}

/** Instances that cannot be read are told on stderr; the others count. */
async function top({ kubeconfig, view }: Api, name: string | undefined, flags: TopFlags): Promise<Shown> {
  const { seconds, limit, tokenFile } = flags;
  const token = tokenFile === undefined ? await kubeconfig.token?.() : (await readFile(tokenFile, 'utf8')).trim();
  const albs = await Promise.all(
    namedDataPlanes(view, name).map(async (key) => {
      const id = objectKeyText(key);
      const { readings, failures } = await readInstances(view.by('Instance', 'alb', id), { token, seconds });
      return { failures, traffic: trafficOf(id, readings) };
    }),
  );
  const failures = albs.flatMap((alb) => alb.failures);
  for (const failure of failures) process.stderr.write(`causeway: ${failure}\n`);
  if (failures.length > 0 && albs.every(({ traffic }) => traffic.instances === 0)) process.exitCode = 1;
  const traffic = albs.map((alb) => alb.traffic);
  return [traffic, () => traffic.map((each) => renderAlbTraffic(each, limit)).join('\n\n')];
}

function parseIngress(text: string): ObjectKey {
  const key = parseObjectKey(text);
  if (key.namespace === '' || key.name === '' || key.name.includes('/')) {
    throw new InvalidArgumentError('must be namespace/name');
  }
  return key;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('must be 1 to 65535');
  return port;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,6}$/.test(text) || count < 1) throw new InvalidArgumentError('must be a number from 1');
  return count;
}

/** `causeway alb`: what ALBs serve and how, from the Kubernetes API. Source: spec ALB-131 (`albctl`). */
import { homedir } from 'node:os';
import path from 'node:path';
import { keyOf, type ObjectKey, parseObjectKey } from '@causeway/apis/meta/object';
import { checkIngress } from '@causeway/explain/alb/ingress-check';
import { renderIngressCheck } from '@causeway/explain/alb/ingress-check-text';
import { listPolicies, neededSecrets } from '@causeway/explain/alb/policies';
import { renderAlbPolicies } from '@causeway/explain/alb/policies-text';
import { reportAlb } from '@causeway/explain/alb/report';
import { renderAlbReport } from '@causeway/explain/alb/report-text';
import { listRules } from '@causeway/explain/alb/rules';
import { renderAlbRules } from '@causeway/explain/alb/rules-text';
import { renderAlbSummaries, summarizeAlb } from '@causeway/explain/alb/summary';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import type { ALB2 } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { Command, InvalidArgumentError, Option } from 'commander';
import { namedAlb, namedAlbs } from './inspection/named-albs.ts';
import { addSecrets, readSnapshot } from './inspection/snapshot.ts';

interface Flags {
  readonly output: 'text' | 'json';
  readonly dataDir: string;
  readonly kubeconfig?: string;
}

interface Api {
  readonly client: KubernetesClient;
  readonly snapshot: Snapshot;
  readonly view: View;
}

const program = new Command('causeway alb')
  .description('What ALBs serve and how.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

command('list', 'Every ALB, a line each.').action((flags: Flags) =>
  show(flags, ({ view }) => {
    const albs = view.all('ALB2').flatMap((alb) => summarizeAlb(view, keyOf(alb)) ?? []);
    return [albs, () => (albs.length === 0 ? 'There is no ALB2.' : renderAlbSummaries(albs))];
  }),
);

command('status', 'Data planes, ports and problems of one ALB or all.')
  .argument('[name]', 'name or namespace/name')
  .action((name: string | undefined, flags: Flags) =>
    show(flags, ({ view }) => {
      const reports = namedAlbs(view, name).flatMap((alb) => reportAlb(view, keyOf(alb), Date.now()) ?? []);
      return [reports, () => reports.map(renderAlbReport).join('\n\n')];
    }),
  );

command('rules', 'The rules of an ALB in the order in which requests meet them.')
  .argument('<name>', 'name or namespace/name')
  .option('--json', 'the same as -o json')
  .action((name: string, flags: Flags & { readonly json?: boolean }) =>
    show({ ...flags, ...(flags.json === true && { output: 'json' }) }, ({ view }) => {
      const rules = listRules(view, keyOf(namedAlb(view, name)));
      return [rules, () => renderAlbRules(rules)];
    }),
  );

command('check-ingress', 'Which ALBs serve an Ingress, and why others do not.')
  .argument('<ingress>', 'namespace/name', parseIngress)
  .option('--alb <name>', 'judge only this ALB: name or namespace/name')
  .option('--all', 'list also ALBs of other classes')
  .action((ingress: ObjectKey, flags: Flags & { readonly alb?: string; readonly all?: boolean }) =>
    show(flags, ({ view }) => {
      const albs: readonly ALB2[] = flags.alb === undefined ? view.all('ALB2') : namedAlbs(view, flags.alb);
      const check = checkIngress(view, ingress, albs);
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
      const alb = keyOf(namedAlb(view, name));
      await addSecrets(snapshot, client, neededSecrets(view, alb));
      const { port } = flags;
      const policies = listPolicies(view, alb, { ...(port !== undefined && { port }), now: Date.now() });
      return [policies, () => renderAlbPolicies(policies)];
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`causeway: ${reason}${missing ? '; is `causeway up` running?' : ''}\n`);
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
    .allowExcessArguments(false);
}

/** @param look gives what `-o json` prints, and the text of it */
async function show(
  { output, dataDir, kubeconfig }: Flags,
  look: (api: Api) => readonly [data: unknown, text: () => string] | Promise<readonly [unknown, () => string]>,
): Promise<void> {
  const client = createClient(await loadKubeconfig(path.resolve(kubeconfig ?? path.join(dataDir, 'kubeconfig'))));
  try {
    const snapshot = await readSnapshot(client);
    const [data, text] = await look({ client, snapshot, view: snapshot.view('alb') });
    process.stdout.write(`${output === 'json' ? JSON.stringify(data, undefined, 2) : text()}\n`);
  } finally {
    await client.close();
  }
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

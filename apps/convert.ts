/** `causeway convert`: what becomes of manifests that were written for another controller. */
import { review } from '@causeway/admission/review';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { checkManifests } from '@causeway/explain/ingress-nginx/check';
import { renderManifestCheck } from '@causeway/explain/ingress-nginx/check-text';
import { printable } from '@causeway/explain/printable';
import { KIND_NAMES, KIND_REFS } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { Command, InvalidArgumentError, Option } from 'commander';
import { gatewayCommand } from './conversion/gateway.ts';
import { ingressCommand } from './conversion/ingress.ts';
import { ocpRouteCommand } from './conversion/ocp-route.ts';
import { verifyCommand } from './conversion/verify.ts';
import { readInputs } from './manifest/input.ts';
import { asStored } from './manifest/stored-object.ts';

interface Flags {
  readonly check?: true;
  readonly output: 'text' | 'json';
  readonly namespace: string;
  readonly configmap?: string;
}

const program = new Command('causeway convert').exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
// Their exit codes above 1 say what they found.
const conversions = [ocpRouteCommand(), ingressCommand(), gatewayCommand(), verifyCommand()];
for (const command of conversions) {
  program.addCommand(command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 1)));
}
program
  .command('ingress-nginx')
  .description('What of Ingresses and settings of ingress-nginx is the same under an IngressNginx. Nothing is sent.')
  .argument('<place...>', 'files, folders, or - for the standard input')
  .option('--check', 'only report (nothing else is there yet)')
  .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
  .option('--namespace <name>', 'of objects that name none', 'default')
  .option(
    '--configmap <namespace/name>',
    'with the options of ingress-nginx (default: as its Deployment says)',
    parseReference,
  )
  .addHelpText('after', '\nExit codes: 0 everything is the same, 1 something is not, or cannot be read, 2 wrong usage.')
  .action(check);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`causeway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function check(places: readonly string[], flags: Flags): Promise<void> {
  if (flags.check !== true) program.error('converting is not there yet: add --check');
  const objects = await readInputs(places);
  if (flags.configmap !== undefined && !objects.some(isConfigMap(flags.configmap))) {
    throw new Error(`--configmap: ${flags.configmap} is not in the input`);
  }
  const found = checkManifests(
    objects.map((object) => asStored(object, flags.namespace)),
    { refusals, ...(flags.configmap === undefined ? {} : { configMap: flags.configmap }) },
  );
  process.stdout.write(
    flags.output === 'json' ? `${JSON.stringify(found, undefined, 2)}\n` : `${printable(renderManifestCheck(found))}\n`,
  );
  if (found.verdict !== 'same') process.exitCode = 1;
}

function refusals(object: KubernetesObject, view: View): readonly string[] {
  const name = KIND_NAMES.find((kind) => kind === object.kind);
  if (name === undefined) return [];
  const { causes } = review({ operation: 'CREATE', kind: KIND_REFS[name], object }, view);
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

function isConfigMap(reference: string): (object: KubernetesObject) => boolean {
  return ({ kind, metadata }) =>
    kind === 'ConfigMap' && `${metadata.namespace ?? 'default'}/${metadata.name}` === reference;
}

function parseReference(text: string): string {
  if (!/^[^/\s]+\/[^/\s]+$/.test(text)) throw new InvalidArgumentError('must be namespace/name');
  return text;
}

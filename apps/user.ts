/** `causeway user`: credentials of a user, as a kubeconfig with a signed client certificate. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { clientCredentials } from '@causeway/apiserver/pki/authority';
import { kubeconfigText } from '@causeway/apiserver/pki/kubeconfig';
import { writePrivateFile } from '@causeway/apiserver/pki/private-file';
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';

interface Flags {
  readonly group: readonly string[];
  readonly days: number;
  readonly output?: string;
  readonly dataDir: string;
}

const command = new Command('causeway user')
  .description(
    'Writes a kubeconfig for a user of the API server of this machine. What the user may do is decided by roles: bind one with ' +
      '`kubectl create rolebinding`. A certificate cannot be taken back before it ends, so give long ones to groups without roles.',
  )
  .argument('<name>', 'of the user, as roles are bound to it', named)
  .option('--group <group>', 'that the user belongs to (repeatable)', collect, [])
  .option('--days <n>', 'how long the certificate is good', wholeDays, 365)
  .option('--output <file>', 'to write (default: NAME.kubeconfig)')
  .option('--data-dir <dir>', 'of `causeway up` or `causeway apiserver`', path.join(homedir(), '.causeway'))
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

try {
  const [name] = command.processedArgs as [string];
  const { group, days, dataDir, output = `${name.replaceAll('/', '_')}.kubeconfig` } = command.opts<Flags>();
  const directory = path.resolve(dataDir);
  const { expires, ...signed } = await clientCredentials(
    path.join(directory, 'pki'),
    { name, groups: group, days },
    new Date(),
  );
  const { caCertificate, ...credentials } = signed;
  const server = serverOf(path.join(directory, 'kubeconfig'));
  writePrivateFile(path.resolve(output), kubeconfigText({ server, caCertificate, user: name, credentials }));
  process.stdout.write(`${output} is good for ${name} until ${expires.toISOString()}\n`);
} catch (error) {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`causeway: ${reason}${missing ? '; start the API server once, it makes the authority' : ''}\n`);
  process.exitCode = 1;
}

/** The administrator's kubeconfig says where the server is. */
function serverOf(file: string): string {
  const config = parse(readFileSync(file, 'utf8')) as {
    readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
  };
  return config.clusters[0].cluster.server;
}

/** Signs that mean something in the subject of a certificate could make another user of this one. */
function named(text: string): string {
  if (text === '' || text.length > 64 || /[\p{C},+"\\<>;=#]/u.test(text) || text.trim() !== text) {
    throw new InvalidArgumentError('1 to 64 characters, none of , + " \\ < > ; = # or control characters.');
  }
  return text;
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, named(value)];
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 3_650) throw new InvalidArgumentError('1 to 3650.');
  return days;
}

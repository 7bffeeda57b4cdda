import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NginxConf, renderConf } from '../conf.ts';
import { createSelfSigned } from '../self-signed.ts';
import { writeTlsFiles } from '../tls-files.ts';
import { testRuntime } from './runtime.ts';

/** What `nginx -t` answers; `test is successful` when it takes the configuration. */
export async function nginxSays(conf: Omit<NginxConf, 'paths'>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'conf-'));
  try {
    const runtime = testRuntime();
    mkdirSync(join(directory, 'lua/http'), { recursive: true });
    mkdirSync(join(directory, 'temp'));
    writeFileSync(join(directory, 'lua/http/main.lua'), 'return { init = function() end }');
    const pair = await createSelfSigned(new Date());
    writeFileSync(join(directory, 'placeholder.crt'), pair.certificate);
    writeFileSync(join(directory, 'placeholder.key'), pair.key);
    const paths = {
      runtime,
      dataplane: join(directory, 'lua'),
      agentSocket: join(directory, 'agent.sock'),
      questionSocket: '/run/alb/ask.sock',
      stateFile: '/shm/state.jsonl',
      tlsDirectory: join(directory, 'tls'),
    };
    writeTlsFiles(paths.tlsDirectory, conf.profiles, undefined);
    writeFileSync(join(directory, 'nginx.conf'), renderConf({ ...conf, paths }));
    const args = ['-t', '-p', `${directory}/`, '-c', 'nginx.conf', '-e', 'stderr'];
    const env = { LD_LIBRARY_PATH: runtime.libraryPath };
    return execFileSync('sh', ['-c', '"$0" "$@" 2>&1 || true', runtime.nginx, ...args], { env, encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

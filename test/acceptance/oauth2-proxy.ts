import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { GoProgramManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ask } from './http-request.ts';
import type { SignInOptions, SignInService } from './sign-in-service.ts';

/**
 * oauth2-proxy itself, as the documents deploy it: it forwards nothing, `/oauth2/auth` answers 202 with `X-Auth-Request-User` and `-Email`, or
 * 401. Sessions are prolonged with refresh tokens, which the provider gives when users consent to `offline_access`.
 *
 * @param manifest where the program is
 */
export async function startOauth2Proxy(manifest: string, options: SignInOptions): Promise<SignInService> {
  const { program, module } = JSON.parse(readFileSync(manifest, 'utf8')) as GoProgramManifest;
  const port = await freePort();
  const child = spawn(program, flagsOf(options, port), { stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    await eventually(async () => {
      if ((await ask(port, '/ping')).status !== 200) throw new Error('oauth2-proxy is not ready');
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const { host, provider } = options;
  const signOut = `http://${host}/oauth2/sign_out?rd=${encodeURIComponent(`${provider.issuer}/session/end`)}`;
  return { name: module, port, signOut, stop };
}

function flagsOf({ provider, client, domain, prolongAfterSeconds }: SignInOptions, port: number): readonly string[] {
  return [
    `--http-address=127.0.0.1:${port}`,
    '--reverse-proxy',
    '--upstream=static://202',
    '--set-xauthrequest',
    '--provider=oidc',
    `--oidc-issuer-url=${provider.issuer}`,
    `--client-id=${client.id}`,
    `--client-secret=${client.secret}`,
    `--redirect-url=${client.redirectUri}`,
    '--scope=openid email offline_access',
    '--prompt=consent',
    '--skip-provider-button',
    '--email-domain=*',
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    `--cookie-domain=${domain}`,
    '--cookie-secure=false',
    `--cookie-refresh=${prolongAfterSeconds}s`,
    `--whitelist-domain=.${domain}`,
    `--whitelist-domain=${new URL(provider.issuer).host}`,
  ];
}

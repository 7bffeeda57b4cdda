import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenidManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ask } from './http-request.ts';
import type { OpenidClient, OpenidProvider } from './openid-provider.ts';

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'rewrite', 'auth_openidc'];

export interface SignInOptions {
  readonly provider: OpenidProvider;
  readonly client: OpenidClient;
  /** Without a port; users come to it here, through the load balancer. */
  readonly host: string;
  /** Whose hosts share the session, and may be returned to. */
  readonly domain: string;
  /** A session that is used is prolonged, with a new cookie, after a tenth of this. */
  readonly idleSeconds: number;
}

/**
 * A genuine relying party of OpenID Connect (Debian's Apache with mod_auth_openidc, from the runtime) that speaks as oauth2-proxy
 * does to what stands before it: `/oauth2/auth` answers 204 with `X-Auth-Request-User` and `-Email`, or 401; `/oauth2/start?rd=URL`
 * signs in and returns; `/oauth2/callback`; `/oauth2/sign_out?rd=URL`. The session is in the cookie `_oauth2_proxy`, encrypted.
 *
 * Source: documentation of oauth2-proxy, "Endpoints" and "Overview" (`--set-xauthrequest`).
 */
export class SignInService {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(options: SignInOptions): Promise<SignInService> {
    const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
    const manifest = readManifest(path.join(runtime, 'openid.json'));
    const directory = mkdtempSync(path.join(tmpdir(), 'causeway-sign-in-'));
    const port = await freePort();
    const file = path.join(directory, 'apache.conf');
    writeFileSync(file, configuration(manifest, { ...options, port, directory }));
    const child = spawn(manifest.apache, ['-X', '-f', file], {
      env: { LD_LIBRARY_PATH: manifest.libraryPath },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const service = new SignInService(port, child, directory);
    await eventually(() => ask(port, '/'));
    return service;
  }

  /** What it complained about. */
  log(): string {
    return readFileSync(path.join(this.#directory, 'error.log'), 'utf8');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL'); // one process only (-X)
      await once(this.#child, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function configuration(
  { moduleFolder }: OpenidManifest,
  options: SignInOptions & { readonly port: number; readonly directory: string },
): string {
  const { provider, client, host, domain, idleSeconds, port, directory } = options;
  const returned = `http://([a-z0-9-]+\\.)*${domain.replaceAll('.', '\\.')}(/|$)`;
  return `
ServerRoot ${directory}
ServerName ${host}
Listen 127.0.0.1:${port}
PidFile ${directory}/pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/error.log
Mutex file:${directory}
User nobody
Group nogroup
${MODULES.map((name) => `LoadModule ${name}_module ${moduleFolder}/mod_${name}.so`).join('\n')}
OIDCProviderMetadataURL ${provider.issuer}/.well-known/openid-configuration
OIDCClientID ${client.id}
OIDCClientSecret ${client.secret}
OIDCScope "openid email"
OIDCCryptoPassphrase of-the-cookie
OIDCRedirectURI ${client.redirectUri}
OIDCRedirectURLsAllowed ^${returned}
OIDCXForwardedHeaders X-Forwarded-Proto
OIDCCookie _oauth2_proxy
OIDCCookieDomain ${domain}
OIDCCookiePath /
OIDCSessionType client-cookie
OIDCSessionInactivityTimeout ${idleSeconds}
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment
RewriteEngine On
RewriteMap decoded int:unescape
RewriteCond %{QUERY_STRING} ^rd=(.*)$
RewriteRule ^/oauth2/sign_out$ /oauth2/callback?logout=%1 [R=302,NE,UnsafeAllow3F,L]
<Location /oauth2>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /oauth2/auth>
  OIDCUnAuthAction 401
  Header always set X-Auth-Request-User "expr=%{REMOTE_USER}"
  Header always set X-Auth-Request-Email "expr=%{reqenv:OIDC_CLAIM_email}"
  RewriteEngine On
  RewriteRule ^ - [R=204,L]
</Location>
<Location /oauth2/start>
  RewriteEngine On
  RewriteCond %{QUERY_STRING} ^rd=(.*)$
  RewriteCond \${decoded:%1} ^(${returned}.*)$
  RewriteRule ^ %1 [R=302,NE,UnsafeAllow3F,L]
</Location>
`;
}

function readManifest(file: string): OpenidManifest {
  if (!existsSync(file)) throw new Error('no Apache here: `./causeway test` fetches it');
  return JSON.parse(readFileSync(file, 'utf8')) as OpenidManifest;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenidManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ask } from './http-request.ts';
import type { SignInOptions, SignInService } from './sign-in-service.ts';

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'rewrite', 'auth_openidc'];

/**
 * A genuine relying party of OpenID Connect (Debian's Apache with mod_auth_openidc, from the runtime) that speaks as oauth2-proxy
 * does to what stands before it: `/oauth2/auth` answers 204 with `X-Auth-Request-User` and `-Email`, or 401; `/oauth2/start?rd=URL`
 * signs in and returns; `/oauth2/callback`; `/oauth2/sign_out?rd=URL`.
 *
 * Source: documentation of oauth2-proxy, "Endpoints" and "Overview" (`--set-xauthrequest`).
 *
 * @param file manifest of Apache
 */
export async function startApacheSignIn(file: string, options: SignInOptions): Promise<SignInService> {
  const manifest = readManifest(file);
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-sign-in-'));
  const port = await freePort();
  const settings = path.join(directory, 'apache.conf');
  writeFileSync(settings, configuration(manifest, { ...options, port, directory }));
  const child = spawn(manifest.apache, ['-X', '-f', settings], {
    env: { LD_LIBRARY_PATH: manifest.libraryPath },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGKILL'); // one process only (-X)
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await eventually(() => ask(port, '/'));
  } catch (error) {
    await stop();
    throw error;
  }
  const signOut = `http://${options.host}/oauth2/sign_out?rd=http%3A%2F%2Fopen.${options.domain}%2F`;
  return { name: 'mod_auth_openidc of Apache', port, signOut, stop };
}

function configuration(
  { moduleFolder }: OpenidManifest,
  options: SignInOptions & { readonly port: number; readonly directory: string },
): string {
  const { provider, client, host, domain, prolongAfterSeconds, port, directory } = options;
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
OIDCSessionInactivityTimeout ${10 * prolongAfterSeconds}
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

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { startApacheSignIn } from './apache-sign-in.ts';
import { startOauth2Proxy } from './oauth2-proxy.ts';
import type { OpenidClient, OpenidProvider } from './openid-provider.ts';

export interface SignInOptions {
  readonly provider: OpenidProvider;
  readonly client: OpenidClient;
  /** Without a port; users come to it here, through the load balancer. */
  readonly host: string;
  /** Whose hosts share the session, and may be returned to. */
  readonly domain: string;
  /** A session that is used is prolonged, with a new cookie, after so many seconds. */
  readonly prolongAfterSeconds: number;
}

/** Signs users in by OpenID Connect; what stands before it asks `/oauth2/auth`. The session is in the cookie `_oauth2_proxy`, encrypted. */
export interface SignInService {
  /** Which program it is. */
  readonly name: string;
  readonly port: number;
  /** Ends the session here and leads on to the page of the provider that ends it there. */
  readonly signOut: string;
  stop(): Promise<void>;
}

/** oauth2-proxy, where `./causeway test` could build it (tools/runtime/go-program.ts); else what Debian has, Apache, in its place. */
export function startSignInService(options: SignInOptions): Promise<SignInService> {
  const manifest = runtimeFile('oauth2-proxy.json');
  return existsSync(manifest)
    ? startOauth2Proxy(manifest, options)
    : startApacheSignIn(runtimeFile('openid.json'), options);
}

function runtimeFile(name: string): string {
  return path.join(process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime'), name);
}

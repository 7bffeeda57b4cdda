import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { BrowserManifest } from '@causeway/tools/runtime/manifest';
import { type Browser, chromium } from 'playwright-core';

/**
 * A genuine Chromium without a window (Debian's, from the runtime).
 *
 * @param hosts where names are: `alb.echo.com:80` -> `127.0.0.1:43000`; so addresses look as they do for users, whatever the ports.
 *   Other names do not exist; 127.0.0.1 does
 */
export async function startBrowser(hosts: Readonly<Record<string, string>>): Promise<Browser> {
  const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
  const { chromium: executablePath, libraryPath, fontRoot } = readManifest(path.join(runtime, 'browser.json'));
  const rules = [
    ...Object.entries(hosts).map(([name, at]) => `MAP ${name} ${at}`),
    'MAP * ~NOTFOUND',
    'EXCLUDE 127.0.0.1',
  ].join(', ');
  return chromium.launch({
    executablePath,
    env: { PATH: process.env['PATH'] ?? '', LD_LIBRARY_PATH: libraryPath, FONTCONFIG_SYSROOT: fontRoot },
    args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=${rules}`],
  });
}

function readManifest(file: string): BrowserManifest {
  if (!existsSync(file)) throw new Error('no browser here: `./causeway test` fetches it');
  return JSON.parse(readFileSync(file, 'utf8')) as BrowserManifest;
}

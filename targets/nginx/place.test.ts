import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DATAPLANE_USER } from './instances.ts';
import { instanceFolder, type Place, preparePlace, removeForgottenHomes } from './place.ts';
import { testRuntime } from './testing/runtime.ts';

let root: string;
let dataplaneDirectory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cw-'));
  dataplaneDirectory = join(root, 'build');
  mkdirSync(join(dataplaneDirectory, 'http'), { recursive: true });
  writeFileSync(join(dataplaneDirectory, 'http/main.lua'), '');
  writeFileSync(join(dataplaneDirectory, 'generation'), 'abc\n');
});
afterEach(() => rmSync(root, { recursive: true }));

test('the Lua of a build is copied, open to nginx', () => {
  const place = preparePlace({
    runDirectory: join(root, 'r'),
    runtime: testRuntime(),
    dataplaneDirectory,
    user: undefined,
  });
  expect(place).toMatchObject({ generation: 'abc', dataplane: join(root, 'r/lua-abc'), home: join(root, 'r') });
  expect(lstatSync(join(place.dataplane, 'http/main.lua')).mode & 0o777).toBe(0o644);
});

test('a folder without build is refused', () => {
  writeFileSync(join(dataplaneDirectory, 'generation'), '../x');
  const options = { runDirectory: join(root, 'r'), runtime: testRuntime(), dataplaneDirectory, user: undefined };
  expect(() => preparePlace(options)).toThrow('no Lua build');
});

describe.runIf(process.getuid?.() === 0)('as root, for a user of its own', () => {
  test('a run directory and a runtime out of its reach are stood in for', () => {
    const source = testRuntime();
    chmodSync(root, 0o700);
    const hidden = join(root, 'hidden');
    mkdirSync(hidden);
    writeFileSync(join(hidden, 'nginx'), '', { mode: 0o755 });
    const runtime = { ...source, nginx: join(hidden, 'nginx'), modules: {}, libraryPath: hidden };
    const place = preparePlace({ runDirectory: join(root, 'r'), runtime, dataplaneDirectory, user: DATAPLANE_USER });
    try {
      expect(place.home).toMatch(/^\/var\/lib\/causeway\/[0-9a-f]{8}$/);
      expect(existsSync(place.runtime.nginx)).toBe(true);
      for (let path = place.runtime.nginx; path !== '/'; path = dirname(path)) {
        expect([path, lstatSync(path).mode & 0o001]).toEqual([path, 1]);
      }
    } finally {
      rmSync(place.home, { recursive: true });
      rmSync(dirname(place.runtime.nginx), { recursive: true });
    }
  });

  test('what stands in for a run directory that is gone is removed', () => {
    chmodSync(root, 0o700);
    const placeOf = (name: string): Place =>
      preparePlace({
        runDirectory: join(root, name),
        runtime: testRuntime(),
        dataplaneDirectory,
        user: DATAPLANE_USER,
      });
    const [gone, kept, third] = [placeOf('gone'), placeOf('kept'), placeOf('third')];
    rmSync(join(root, 'gone'), { recursive: true });
    removeForgottenHomes(third);
    expect([gone, kept, third].map(({ home }) => existsSync(home))).toEqual([false, true, true]);
    for (const { home } of [kept, third]) rmSync(home, { recursive: true });
  });

  test('one within its reach is used', () => {
    chmodSync(root, 0o755);
    const options = { runDirectory: join(root, 'r'), runtime: testRuntime(), dataplaneDirectory, user: DATAPLANE_USER };
    expect(preparePlace(options).home).toBe(join(root, 'r'));
  });
});

test('folders of instances differ, and say whose they are', () => {
  expect(instanceFolder('kube-system/alb-demo')).toMatch(/^kube-system_alb-demo-[0-9a-f]{8}$/);
  expect(instanceFolder('a/b')).not.toBe(instanceFolder('a_b'));
  expect(instanceFolder(`${'n'.repeat(63)}/${'a'.repeat(63)}`).length).toBe(40);
});

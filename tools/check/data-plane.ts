/** Compiles the data plane to Lua, as the build does: any warning of the compiler is a failure. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildDataplane } from '@causeway/dataplane/build';

const folder = await mkdtemp(path.join(tmpdir(), 'causeway-lua-'));
try {
  await buildDataplane(folder);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

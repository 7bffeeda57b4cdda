import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Images } from '../gateway-api/agent/agent.ts';

/**
 * What containers of the suite run here.
 *
 * @param program the suite, beside which its objects are
 * @param directory for the files that are served
 */
export function imagesOf(program: string, directory: string): Images {
  const files = path.join(directory, 'files');
  mkdirSync(path.join(files, 'jwt'), { recursive: true });
  writeFileSync(path.join(files, 'jwt/jwks.json'), keySet(path.join(path.dirname(program), 'testdata')));
  const server = fileURLToPath(import.meta.resolve('./file-server.ts'));
  const args = ['--import', import.meta.resolve('tsx'), server, files];
  return (image, given) =>
    image.includes('static-file-server') ? { program: process.execPath, args: [...args, ...given] } : undefined;
}

/** The keys of the tokens in the suite's tests, as one of its objects has them. @throws Error when none has */
function keySet(testdata: string): string {
  const text = readFileSync(path.join(testdata, 'jwt-local-jwks-inline.yaml'), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const found = document.getIn(['spec', 'jwt', 'providers', 0, 'localJWKS', 'inline']);
    if (typeof found === 'string') return found;
  }
  throw new Error('the suite has no keys');
}

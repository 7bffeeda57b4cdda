/**
 * `file-server.ts FOLDER [--port=8443] [--certPath=FOLDER]`: what the suite's image of that name does: the files below the folder on port 8080, or with
 * tls.crt and tls.key of that folder by TLS.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '8080' }, certPath: { type: 'string' } },
});
const folder = path.resolve(positionals[0] ?? '.');
const { certPath } = values;

const answer: RequestListener = (request, response) => {
  const file = path.join(folder, path.normalize(new URL(request.url ?? '/', 'http://pod').pathname));
  readFile(file).then(
    (content) => response.end(content),
    () => response.writeHead(404).end(),
  );
};
const server =
  certPath === undefined
    ? createServer(answer)
    : createSecureServer({ cert: ofServer(certPath, 'tls.crt'), key: ofServer(certPath, 'tls.key') }, answer);
server.listen(Number(values.port));

function ofServer(certificates: string, name: string): Buffer {
  return readFileSync(path.join(certificates, name));
}

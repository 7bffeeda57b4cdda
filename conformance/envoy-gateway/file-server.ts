/** `file-server.ts FOLDER`: what the suite's image of that name does: the files below the folder on port 8080. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

const PORT = 8080;
const folder = path.resolve(process.argv[2] ?? '.');

createServer((request, response) => {
  const file = path.join(folder, path.normalize(new URL(request.url ?? '/', 'http://pod').pathname));
  readFile(file).then(
    (content) => response.end(content),
    () => response.writeHead(404).end(),
  );
}).listen(PORT);

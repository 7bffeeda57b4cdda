import { request } from 'node:http';

/** Status of the answer to a GET on a connection of its own. */
export function statusOf(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, headers: { host } })
      .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
      .on('error', reject)
      .end();
  });
}

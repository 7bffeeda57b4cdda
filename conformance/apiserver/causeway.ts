import { startTestServer } from '@causeway/apiserver/testing/server';
import type { RunningSubject } from './subject.ts';

/** Our API server in this process, with no kinds but the built-in ones. */
export async function startCauseway(directory: string): Promise<RunningSubject> {
  const { server, client, stop } = await startTestServer({ dataDirectory: directory });
  return {
    origin: client.origin,
    ca: client.ca,
    token: client.token,
    kubeconfig: server.kubeconfig,
    stop: () => stop({ keep: true }),
  };
}

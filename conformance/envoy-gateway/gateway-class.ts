import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { builtIn } from '../gateway-api/agent/built-in.ts';

/** That of Envoy Gateway itself, in which its suite has some objects. */
const NAMESPACE = 'envoy-gateway-system';

/**
 * A GatewayClass whose global limits are counted in a Redis, as that is which the suite is made for.
 *
 * @param port of the Redis on this machine
 * @returns its name
 */
export async function classWithStore(client: KubernetesClient, port: number): Promise<string> {
  await client.create(builtIn('Namespace'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const rateLimit = { backend: { type: 'Redis', redis: { url: `127.0.0.1:${port}` } } };
  const metadata = { name: 'suite', namespace: NAMESPACE };
  const spec = {
    config: { envoyGateway: { provider: { kubernetes: { deploy: { type: 'GatewayNamespace' } } }, rateLimit } },
  };
  await client.post(`/apis/envoy-gateway.alauda.io/v1/namespaces/${NAMESPACE}/envoygatewayctls`, {
    apiVersion: 'envoy-gateway.alauda.io/v1',
    kind: 'EnvoyGatewayCtl',
    metadata,
    spec,
  });
  return `${NAMESPACE}-${metadata.name}`;
}

import { Option } from 'commander';
import { parseNamespaced } from './namespaced.ts';

/** `--deployment NAMESPACE/NAME`. */
export function deploymentOption(): Option {
  return new Option(
    '--deployment <namespace/name>',
    'the Deployment that this pod is of: EnvoyGatewayCtls ask for more like it (default: they get none)',
  ).argParser(parseNamespaced);
}

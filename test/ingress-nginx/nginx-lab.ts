import type { IngressNginx } from '@causeway/resources/kinds';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { Installation } from '../acceptance/installation.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';

type Controller = NonNullable<IngressNginx['spec']['controller']>;

/** One `./causeway up` with an IngressNginx `demo` in namespace `default`, whose class is `default-demo`, and echo backends. */
export class NginxLab {
  readonly home: Installation;
  readonly http: number;
  readonly https: number;
  readonly backends: readonly EchoBackend[];

  private constructor(home: Installation, ports: readonly [number, number], backends: readonly EchoBackend[]) {
    this.home = home;
    [this.http, this.https] = ports;
    this.backends = backends;
  }

  static async start(names: readonly string[], controller: Controller = {}): Promise<NginxLab> {
    const [home, ...backends] = await Promise.all([
      Installation.join(),
      ...names.map((name) => startEchoBackend(name)),
    ]);
    const ports = [await freePort(), await freePort()] as const;
    const lab = new NginxLab(home, ports, backends);
    try {
      await home.apply(...backends.flatMap((backend) => serviceTo(backend)));
      await home.apply(await ingressNginx('demo', ports, controller));
      await lab.running('demo');
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Waits until the data plane of an IngressNginx has its ports. */
  async running(name: string): Promise<void> {
    await eventually(async () => {
      const instances = await this.home.list('Instance');
      const found = instances.find(({ metadata }) => metadata.name.startsWith(`${name}.ingress-nginx-`));
      const ports = found?.status?.ports ?? [];
      if (found?.status?.ready !== true || ports.length < 3)
        throw new Error(`${name}: ${JSON.stringify(found?.status)}`);
    });
  }

  async stop(): Promise<void> {
    await this.home.stop();
    for (const backend of this.backends) await backend.close();
  }
}

/** On free ports of the loopback interface. */
export async function ingressNginx(
  name: string,
  [http, https]: readonly [number, number],
  controller: Controller = {},
): Promise<IngressNginx> {
  return {
    apiVersion: 'ingress-nginx.alauda.io/v1',
    kind: 'IngressNginx',
    metadata: { name, namespace: 'default' },
    spec: {
      controller: {
        hostNetwork: true,
        ...controller,
        extraArgs: {
          'http-port': http,
          'https-port': https,
          'healthz-port': await freePort(),
          'publish-status-address': '192.0.2.7',
          ...controller.extraArgs,
        },
        config: { 'bind-address': '127.0.0.1', 'worker-processes': '1', ...controller.config },
      },
    },
  };
}

/**
 * What does it cost when endpoints come and go all the time: 1,000 behind one Service, 50 changes a second, traffic at half of
 * what the data plane can take? Does a request fail?
 *
 * Each change takes an endpoint out of its EndpointSlice of 100, or brings it back. All of them are addresses of one backend,
 * which goes on serving: what fails is the change's fault.
 */
import path from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import { probeWorkers, startDataPlane } from './data-plane.ts';
import { churnAddresses, endpointChurn } from './endpoint-churn.ts';
import { BenchHome } from './home.ts';
import { benchIngress, createAll } from './objects.ts';

export const churn: Benchmark = {
  name: 'churn',
  question: 'What does it cost when endpoints come and go all the time, and does a request fail?',
  run: async (options) => {
    const directory = path.join(options.workDirectory, 'churn');
    const home = await BenchHome.start(options, path.join(directory, 'data'));
    const backends = path.join(directory, 'backends');
    const plane = await startDataPlane(home.api, options.nginx, backends, ['127.0.0.1', ...churnAddresses(options)]);
    try {
      return await endpointChurn(options, {
        home,
        port: plane.backends.ports.a,
        url: `http://127.0.0.1:${plane.ports.http}`,
        attach: () => createAll(home.api, [benchIngress(0, 'many')]),
        probes: () => probeWorkers(home.api, plane.ports.http),
      });
    } finally {
      await home.stop();
      await plane.backends.stop();
    }
  },
};

/**
 * How does the cost of a proxied request change with TLS, with HTTP/2, with a connection for each request, with large answers
 * and with many endpoints, against the same peers? With a connection each, requests a second are connections (or full TLS
 * handshakes) a second.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSelfSigned } from '@causeway/targets/nginx/self-signed';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { type ComparisonCase, compareProxies, type ProxyCost, renderProxyCosts } from './proxy-comparison.ts';
import type { SubjectTls } from './subject.ts';

export const proxyVariants: Benchmark = {
  name: 'proxy-variants',
  question:
    'How does the cost of a proxied request change with TLS, with HTTP/2, with a connection for each request, with large answers ' +
    'and with many endpoints?',
  run: async (options) => {
    const tls = await writeCertificate(options);
    const [rules = 1] = options.rules ?? [];
    const cases: ComparisonCase[] = [
      { name: 'HTTPS, HTTP/1.1', rules, endpoints: 3, protocol: 'https', tls },
      { name: 'HTTPS, HTTP/2', rules, endpoints: 3, protocol: 'http2', tls },
    ];
    const plain = { rules, endpoints: 3, protocol: 'http' } as const;
    cases.push({ ...plain, name: 'a connection each', fresh: true });
    cases.push({ ...plain, name: 'a TLS handshake each', protocol: 'https', tls, fresh: true });
    cases.push({ ...plain, name: 'answers of 100 KB', bodyBytes: 100_000 });
    for (const endpoints of [64, 250]) {
      cases.push({ name: `${endpoints} endpoints`, rules, endpoints, protocol: 'http' });
    }
    const results: ProxyCost[] = [];
    const few = ['HTTPS, HTTP/2', 'a connection each', 'answers of 100 KB'];
    const compared = options.quick ? cases.filter(({ name }) => few.includes(name)) : cases;
    for (const each of compared) results.push(...(await compareProxies(options, each)));
    return renderProxyCosts('case', results);
  },
};

async function writeCertificate(options: BenchmarkOptions): Promise<SubjectTls> {
  const { certificate, key } = await createSelfSigned(new Date());
  const directory = path.join(options.workDirectory, 'certificate');
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string): string => {
    const file = path.join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    chainPem: certificate,
    keyPem: key,
    chainFile: write('chain.pem', certificate),
    keyFile: write('key.pem', key),
    bundleFile: write('bundle.pem', `${certificate}\n${key}`),
  };
}

import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import { field, message, numberField, parseMessage } from '@causeway/protocols/protobuf/message';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';

/** What an authorization service was told. */
export interface Checked {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly extensions: Readonly<Record<string, string>>;
}

export interface CheckService {
  readonly port: number;
  readonly checked: Checked[];
  close(): void;
}

/**
 * An authorization service that speaks gRPC: lets in who sends `x-pass: yes`, and answers others 418 with a text.
 *
 * @param certificate with it over TLS
 */
export async function startCheckService(certificate?: TestCertificate): Promise<CheckService> {
  const checked: Checked[] = [];
  const server = new Server();
  server.register<Buffer, Buffer>(
    '/envoy.service.auth.v3.Authorization/Check',
    ((call: { request: Buffer }, answer: (error: null, message: Buffer) => void) => {
      const one = read(call.request);
      checked.push(one);
      answer(null, one.headers['x-pass'] === 'yes' ? LETS_IN : DENIES);
    }) as never,
    (bytes) => bytes,
    (bytes) => bytes,
    'unary',
  );
  const port = await new Promise<number>((resolve, reject) => {
    const credentials =
      certificate === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { cert_chain: Buffer.from(certificate.chainPem), private_key: Buffer.from(certificate.keyPem) },
          ]);
    server.bindAsync(`${BACKEND_ADDRESS}:0`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, checked, close: () => server.forceShutdown() };
}

function header(name: string, value: string): Buffer {
  return message(1, field(1, name), field(2, value));
}

const LETS_IN = message(
  3,
  message(2, header('x-user', 'ann')),
  message(2, header('x-via', 'check'), message(2, numberField(1, 1))),
  field(5, 'x-secret'),
  message(6, header('x-checked', 'yes')),
);
const DENIES = Buffer.concat([
  message(1, numberField(1, 7)),
  message(2, message(1, numberField(1, 418)), message(2, header('x-why', 'no pass')), field(3, 'go away')),
]);

function read(bytes: Buffer): Checked {
  const [attributes = Buffer.alloc(0)] = parseMessage(bytes).bytes(1);
  const context = parseMessage(attributes);
  const [request = Buffer.alloc(0)] = context.bytes(4);
  const [http = Buffer.alloc(0)] = parseMessage(request).bytes(2);
  const fields = parseMessage(http);
  const text = (number: number) => fields.bytes(number)[0]?.toString() ?? '';
  return {
    method: text(2),
    path: text(4),
    host: text(5),
    body: text(11),
    headers: mapOf(fields.bytes(3)),
    extensions: mapOf(context.bytes(10)),
  };
}

function mapOf(entries: readonly Buffer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const { bytes } = parseMessage(entry);
      return [String(bytes(1)[0] ?? ''), String(bytes(2)[0] ?? '')];
    }),
  );
}

import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { asked } from '../e2e/asked.ts';

export interface GrpcBackend {
  readonly name: string;
  readonly port: number;
  close(): void;
}

const identity = (bytes: Buffer): Buffer => bytes;
const METHODS = ['/shop.Cart/Add', '/shop.Cart/Remove', '/shop.Admin/Add', '/shop.Cart/Chat'];

/**
 * A gRPC server. The first `x-fail` calls with one `x-name` fail with the status `x-code`. Any other call is answered with the server's name, the method, and the header `x-via` of the call; `Chat` answers
 * each message of a stream with itself.
 */
export async function startGrpcBackend(name: string): Promise<GrpcBackend> {
  const server = new Server();
  /** By the client's name for its call. */
  const attempts = new Map<string, number>();
  for (const path of METHODS) {
    const stream = path.endsWith('/Chat');
    server.register(
      path,
      stream
        ? (call: { on(event: string, run: (message: Buffer) => void): void; write(b: Buffer): void; end(): void }) => {
            call.on('data', (message) => call.write(message));
            call.on('end', () => call.end());
          }
        : (
            call: { metadata: Metadata },
            answer: (error: object | null, message?: Buffer, trailer?: Metadata) => void,
          ) => {
            const said = (header: string): string => call.metadata.get(header).join();
            const named = said('x-name');
            const made = attempts.get(named) ?? 0;
            attempts.set(named, made + 1);
            if (made < Number(said('x-fail'))) {
              answer({ code: Number(said('x-code')), details: 'on purpose' });
              return;
            }
            const trailer = new Metadata();
            trailer.set('x-backend', name);
            answer(
              null,
              Buffer.from(`${name} ${path} ${said('x-via')}${named === '' ? '' : `after ${made}`}`),
              trailer,
            );
          },
      identity,
      identity,
      stream ? 'bidi' : 'unary',
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${BACKEND_ADDRESS}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { name, port, close: () => server.forceShutdown() };
}

interface Call {
  /** Authority; absent: the address. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @returns the message that came back, or the name of the status; and trailers */
export function callOnce(to: string, path: string, { host, headers = {} }: Call = {}): Promise<string> {
  asked.times += 1;
  const client = grpcClient(to, host);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, identity, identity, Buffer.from('x'), metadata, (error, message) => {
      client.close();
      resolve(error === null ? String(message) : (status[error.code] ?? String(error.code)));
    });
  });
}

function grpcClient(to: string, host?: string): Client {
  return new Client(to, credentials.createInsecure(), host === undefined ? {} : { 'grpc.default_authority': host });
}

/** Sends messages over one stream, each after the answer to the one before. @returns what came back */
export async function chat(to: string, host: string, messages: readonly Buffer[]): Promise<readonly Buffer[]> {
  const client = grpcClient(to, host);
  const stream = client.makeBidiStreamRequest('/shop.Cart/Chat', identity, identity);
  const got: Buffer[] = [];
  const [first = Buffer.alloc(0), ...others] = messages;
  stream.write(first);
  for await (const message of stream) {
    got.push(message as Buffer);
    const next = others.shift();
    if (next === undefined) stream.end();
    else stream.write(next);
  }
  client.close();
  return got;
}

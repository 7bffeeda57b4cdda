import { parse as parseYaml } from 'yaml';
import { decodeObject, PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { ProtobufError } from '../protobuf/reader.ts';
import { builtInDefinitions } from '../schema/built-in.ts';
import type { JsonValue } from '../schema/json.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../status-error.ts';
import type { HttpRequest } from './exchange.ts';

/** As in a real API server. */
const BODY_BYTES_MAX = 3 * 1024 * 1024;

const YAML_TYPES: ReadonlySet<string> = new Set(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']);

/** The media type of the body, without parameters; JSON when the client does not say. */
export function contentTypeOf(request: HttpRequest): string {
  const header = request.headers['content-type'] ?? 'application/json';
  return header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** @throws StatusError 413 */
export async function readBody(request: HttpRequest): Promise<string> {
  return (await readBytes(request)).toString();
}

function readBytes(request: HttpRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (bytes > BODY_BYTES_MAX) reject(tooLarge(BODY_BYTES_MAX));
      else resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(badRequest('the request was cut off')));
  });
}

/** The body of a create, update or delete: JSON, YAML or, for built-in kinds, protobuf. Undefined when it is empty. @throws StatusError 400, 413, 415 */
export async function readObject(request: HttpRequest): Promise<JsonValue | undefined> {
  const type = contentTypeOf(request);
  if (type === PROTOBUF_TYPE) return decodeProtobuf(await readBytes(request));
  const yaml = YAML_TYPES.has(type);
  if (!yaml && type !== 'application/json' && type !== '*/*') {
    request.resume();
    throw unsupportedMediaType(['application/json', 'application/yaml', PROTOBUF_TYPE]);
  }
  const text = await readBody(request);
  if (text === '') return undefined;
  return parseBody(text, yaml);
}

/** @throws StatusError 400 */
export function parseBody(text: string, yaml: boolean): JsonValue {
  try {
    const value: JsonValue = yaml ? parseYaml(text, { maxAliasCount: 100 }) : JSON.parse(text);
    return value;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw badRequest(`couldn't get version/kind; ${yaml ? 'yaml' : 'json'} parse error: ${message}`);
  }
}

/** @throws StatusError 400 */
function decodeProtobuf(body: Buffer): JsonValue | undefined {
  if (body.length === 0) return undefined;
  try {
    return decodeObject(body, builtInDefinitions());
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`the protobuf body cannot be decoded: ${error.message}`);
    throw error;
  }
}

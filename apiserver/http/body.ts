import { isScalar, LineCounter, parseDocument, type ScalarTag, visit } from 'yaml';
import { decodeObject, PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { ProtobufError } from '../protobuf/reader.ts';
import { builtInDefinitions } from '../schema/built-in.ts';
import { DEPTH_MAX, depthOf, type JsonValue, TOO_DEEP } from '../schema/json.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../status-error.ts';
import { duplicateFields, outlineOf } from './duplicate-fields.ts';
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

/** A body, and what of it got lost in reading. */
export interface Body {
  readonly value: JsonValue;
  readonly repeated: RepeatedFields;
}

/** Fields that an object of the body has more than once: only the last of them counts. */
export interface RepeatedFields {
  readonly format: 'json' | 'yaml';
  /** As the decoders of Kubernetes say it: `duplicate field "spec.x"`, `line 3: key "x" already set in map`. */
  readonly messages: readonly string[];
}

export const NOTHING_REPEATED: RepeatedFields = { format: 'json', messages: [] };

/** The value of the body, see {@link readStrictly}. */
export async function readObject(request: HttpRequest): Promise<JsonValue | undefined> {
  return (await readStrictly(request))?.value;
}

/** The body of a create, update or delete: JSON, YAML or, for built-in kinds, protobuf. Undefined when it is empty. @throws StatusError 400, 413, 415 */
export async function readStrictly(request: HttpRequest): Promise<Body | undefined> {
  const type = contentTypeOf(request);
  if (type === PROTOBUF_TYPE) {
    const value = decodeProtobuf(await readBytes(request));
    return value === undefined ? undefined : { value, repeated: NOTHING_REPEATED };
  }
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
export function parseBody(text: string, yaml: boolean): Body {
  try {
    return yaml ? parseYaml(text) : parseJson(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw badRequest(`couldn't get version/kind; ${yaml ? 'yaml' : 'json'} parse error: ${message}`);
  }
}

function parseJson(text: string): Body {
  const value: JsonValue = JSON.parse(text);
  const { fields, depth } = outlineOf(text);
  if (depth > DEPTH_MAX) throw new Error(TOO_DEEP);
  const messages = duplicateFields(text, value, fields).map((path) => `duplicate field ${JSON.stringify(path)}`);
  return { value, repeated: { format: 'json', messages } };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text that base64 stands for, as the decoder of Kubernetes has it. */
const BINARY: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve(text, onError) {
    const base64 = text.replaceAll(/\s/g, '');
    if (!BASE64.test(base64)) onError('!!binary value contains invalid base64 data');
    return Buffer.from(base64, 'base64').toString();
  },
};

/** Most of what is called YAML is JSON, which is read much faster. */
function parseYaml(text: string): Body {
  if (text.trimStart().startsWith('{')) {
    try {
      const body = parseJson(text);
      if (body.repeated.messages.length === 0) return body;
    } catch {
      // Flow style that is not JSON.
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'error',
    // Sets, ordered maps, times and bytes of JavaScript are no JSON.
    resolveKnownTags: false,
    customTags: (tags) => [...tags, BINARY],
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw problem;
  const value: JsonValue = document.toJS({ maxAliasCount: 100 });
  if (depthOf(value) > DEPTH_MAX) throw new Error(TOO_DEEP);
  const messages: string[] = [];
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const { line } = lines.linePos(key.range?.[0] ?? 0);
        if (seen.has(name)) messages.push(`line ${line}: key ${JSON.stringify(name)} already set in map`);
        seen.add(name);
      }
    },
  });
  return { value, repeated: { format: 'yaml', messages } };
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

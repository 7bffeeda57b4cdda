import { child, type FieldError, invalid, required } from './field-error.ts';
import { type JsonObject, numberAt, objectAt, textAt } from './json.ts';
import { dnsSubdomain } from './names.ts';

const FORM = '; desired format: https://host[/path]';

/**
 * What is wrong with the `clientConfig` of a webhook.
 *
 * Source: apiserver pkg/util/webhook/validation.go.
 *
 * @param path of the clientConfig
 */
export function webhookClientErrors(config: JsonObject, path: string): readonly FieldError[] {
  const url = config['url'];
  const service = objectAt(config, 'service');
  const caBundle = textAt(config, 'caBundle');
  const errors: FieldError[] = [];
  if ((typeof url === 'string') === (service !== undefined)) {
    errors.push(required(path, 'exactly one of url or service is required'));
  } else if (typeof url === 'string') {
    errors.push(...urlErrors(url, child(path, 'url')));
  } else if (service !== undefined) {
    errors.push(...serviceErrors(service, child(path, 'service')));
  }
  if (caBundle !== '' && !/-----BEGIN CERTIFICATE-----/.test(Buffer.from(caBundle, 'base64').toString())) {
    const detail = 'unable to load root certificates: unable to parse bytes as PEM block';
    errors.push(invalid(child(path, 'caBundle'), '<CA bundle>', detail));
  }
  return errors;
}

function urlErrors(text: string, field: string): readonly FieldError[] {
  const url = parsedUrl(text);
  if (url === undefined) return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}${FORM}`)];
  const errors: FieldError[] = [];
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'https') errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (url.host === '') errors.push(invalid(field, '', `host must be specified${FORM}`));
  if (url.username !== '' || url.password !== '') {
    errors.push(invalid(field, url.username, 'user information is not permitted in the URL'));
  }
  if (url.hash !== '') errors.push(invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search !== '') {
    errors.push(invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL'));
  }
  return errors;
}

/** Go reads a text without scheme as a path. */
function parsedUrl(
  text: string,
): Pick<URL, 'protocol' | 'host' | 'username' | 'password' | 'hash' | 'search'> | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text))
    return { protocol: ':', host: '', username: '', password: '', hash: '', search: '' };
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function serviceErrors(service: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (textAt(service, 'name') === '') errors.push(required(child(path, 'name'), 'service name is required'));
  if (textAt(service, 'namespace') === '') {
    errors.push(required(child(path, 'namespace'), 'service namespace is required'));
  }
  const port = numberAt(service, 'port') ?? 443;
  if (port < 1 || port > 65_535) {
    errors.push(invalid(child(path, 'port'), port, 'port is not valid: must be between 1 and 65535, inclusive'));
  }
  return [...errors, ...pathErrors(textAt(service, 'path'), child(path, 'path'))];
}

function pathErrors(path: string, field: string): readonly FieldError[] {
  if (path === '' || path === '/') return [];
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')];
  const errors: FieldError[] = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  for (const [index, segment] of segments.entries()) {
    const problem = segment === '' ? 'may not be empty' : dnsSubdomain(segment);
    if (problem === undefined) continue;
    errors.push(
      invalid(field, path, segment === '' ? `segment[${index}] ${problem}` : `segment[${index}]: ${problem}`),
    );
  }
  return errors;
}

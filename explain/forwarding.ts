import {
  type BackendTlsIR,
  type CustomErrorsIR,
  type EjectionIR,
  type ForwardIR,
  type HealthCheckIR,
  parseEndpointSetId,
  type RouteActionIR,
  type TransferIR,
} from '@causeway/ir/gateway';

/** How a request is forwarded where that is not the default, a line for each setting. */
export function explainForwarding(action: RouteActionIR | undefined): readonly string[] {
  if (action?.type !== 'forward') return [];
  const { transfer = {}, unlogged, backends, customErrors, ejection, healthCheck } = action;
  const [tls] = backends.flatMap((backend) => (backend.weight > 0 ? (backend.tls ?? []) : []));
  return [
    ...retryText(action),
    ...(ejection === undefined ? [] : [ejectionText(ejection)]),
    ...(healthCheck === undefined ? [] : [healthText(healthCheck)]),
    ...transferText(transfer),
    ...(unlogged === true ? ['not in the access log, unless it fails'] : []),
    ...(tls === undefined ? [] : [tlsText(tls)]),
    ...(customErrors === undefined ? [] : [errorsText(customErrors)]),
  ];
}

function retryText({ retry }: ForwardIR): readonly string[] {
  const { attempts, on, withinMs, statuses = [], backoff, parallel, calls = [] } = retry;
  if (
    on === undefined &&
    withinMs === undefined &&
    statuses.length + calls.length === 0 &&
    backoff === undefined &&
    parallel === undefined
  )
    return [];
  const after = [
    ...(on ?? ['error', 'timeout']),
    ...rangesOf(statuses),
    ...calls.map((status) => `status ${status} of gRPC`),
  ].join(', ');
  const within = withinMs === undefined ? '' : `, for ${withinMs} ms`;
  const most = parallel === undefined ? '' : `, at most ${parallel.most} requests at the same time`;
  const wait = backoff === undefined ? '' : `, each after a wait of ${backoff.baseMs} to ${backoff.maxMs} ms`;
  return [`up to ${attempts} attempts, repeated on ${after}${wait}${within}${most}`];
}

/** @param numbers sorted */
function rangesOf(numbers: readonly number[]): readonly string[] {
  const starts = numbers.filter((number, index) => numbers[index - 1] !== number - 1);
  return starts.map((first) => {
    let last = first;
    while (numbers.includes(last + 1)) last += 1;
    return last === first ? String(first) : `${first} to ${last}`;
  });
}

function ejectionText({ serverErrors, gatewayErrors = 0, unanswered = 0, failures, baseMs }: EjectionIR): string {
  const when = [
    ...(serverErrors === 0 ? [] : [`fails ${serverErrors} times in a row`]),
    ...(gatewayErrors === 0 ? [] : [`answers ${gatewayErrors} times in a row 502 to 504`]),
    ...(unanswered === 0 ? [] : [`does not answer ${unanswered} times in a row`]),
    ...(failures === undefined ? [] : [`fails ${failures.percent}% of the attempts of ${failures.intervalMs} ms`]),
  ];
  return `an endpoint that ${when.join(', or ')} is avoided for ${baseMs} ms`;
}

function healthText({ probe, intervalMs, failures }: HealthCheckIR): string {
  const how = probe.type === 'http' ? `by ${probe.method} ${probe.path}` : `by ${probe.type}`;
  return `endpoints are asked every ${intervalMs} ms ${how}; those that fail ${failures} times in a row get no requests`;
}

function transferText(transfer: TransferIR): readonly string[] {
  const sizes = [
    ['memory for the request body', transfer.requestBufferBytes],
    ['buffer for the answer', transfer.responseBufferBytes],
    ['buffers on their way', transfer.responseBusyBytes],
    ['file for the answer', transfer.responseFileBytes],
  ] as const;
  return [
    ...(transfer.requestBuffering === false ? ['the request body is passed on while it comes'] : []),
    ...(transfer.responseBuffering === true ? ['the answer is read ahead of the client'] : []),
    ...(transfer.responseBuffers === undefined ? [] : [`${transfer.responseBuffers} buffers for the answer`]),
    ...sizes.flatMap(([what, bytes]) => (bytes === undefined ? [] : [`${what}: ${bytes} bytes`])),
    ...(transfer.probesConnections === true ? ['silent connections to backends are probed'] : []),
    ...(transfer.compression === undefined
      ? []
      : [`answers are compressed with ${transfer.compression.codings.join(', ')}, what the client likes most`]),
    ...(transfer.compression?.leastBytes === undefined
      ? []
      : [`answers are compressed from ${transfer.compression.leastBytes} bytes on`]),
    ...poolText(transfer),
    ...(transfer.httpVersion === undefined ? [] : [`HTTP ${transfer.httpVersion} towards the backend`]),
  ];
}

function poolText({ connections: { idleMs, lifetimeMs, requests } = {} }: TransferIR): readonly string[] {
  const limits = [
    ...(idleMs === undefined ? [] : [`while idle for ${idleMs} ms`]),
    ...(lifetimeMs === undefined ? [] : [`for ${lifetimeMs} ms`]),
    ...(requests === undefined ? [] : [`for ${requests} requests`]),
  ];
  return limits.length === 0 ? [] : [`connections to backends are kept ${limits.join(', ')}`];
}

function tlsText({
  name,
  names,
  sendName,
  trustPem,
  trustsSystem,
  certificate,
  protocols,
  ciphers,
}: BackendTlsIR): string {
  const parts = [
    trustPem === undefined && trustsSystem === undefined
      ? 'the backend is not verified'
      : `the backend must prove to be ${names === undefined ? name : names.map(({ value }) => value).join(' or ')}`,
    ...(sendName ? [`is sent the name ${name}`] : []),
    ...(certificate === undefined ? [] : ['is shown a certificate']),
    ...(protocols === undefined ? [] : [protocols.join(' ')]),
    ...(ciphers === undefined ? [] : [`ciphers ${ciphers}`]),
  ];
  return `TLS: ${parts.join(', ')}`;
}

function errorsText({ statuses, intercept, backends, answers }: CustomErrorsIR): string {
  if (answers !== undefined) return `errors ${statuses.join(', ')} get other answers`;
  const names = backends.map(({ target }) => (target.type === 'endpoints' ? backendName(target.id) : target.reason));
  return `errors ${statuses.join(', ')}${intercept ? '' : ', but not those that the backend answers,'} are answered by ${names.join(', ')}`;
}

function backendName(id: string): string {
  const { namespace, service, port } = parseEndpointSetId(id);
  return `${namespace}/${service}:${port}`;
}

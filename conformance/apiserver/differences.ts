import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Answer } from './answer.ts';
import type { Deviation } from './deviation.ts';

/** A way in which the API server differs from Kubernetes on purpose. At most fifteen; docs/apiserver.md lists them. */
export interface Difference {
  readonly title: string;
  readonly reason: string;
  covers(deviation: Deviation): boolean;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    title: 'Empty values that Go writes are left out',
    reason:
      'Kubernetes writes `null`, `""` or `{}` where a Go type has no `omitempty` (`creationTimestamp: null` in a Pod template). No client ' +
      'can tell them from absent ones, and every object would be larger.',
    covers: ({ path, kubernetes, causeway }) =>
      causeway === undefined &&
      isEmpty(kubernetes) &&
      // Nor are times of conditions that nobody has set anybody's.
      (!/\.data\.|managedFields/.test(path) || /f:conditions\..*\.f:last(Probe|Transition)Time$/.test(path)),
  },
  {
    title: 'Items of lists have `apiVersion` and `kind`',
    reason:
      'Kubernetes leaves them out in lists of built-in kinds. Stored objects begin with both, and lists are made of stored objects as they are.',
    covers: ({ path, kubernetes }) => kubernetes === undefined && /^body\.items\.\d+\.(apiVersion|kind)$/.test(path),
  },
  {
    title: 'A CustomResourceDefinition is served when its creation is answered',
    reason:
      'Kubernetes answers first, and accepts names, adds its finalizer and establishes the kind a moment later, so that clients must wait. ' +
      'Here the answer has all of it already.',
    covers: ({ sequence, path, answer }) =>
      (kindOf(answer) === 'CustomResourceDefinition' &&
        /^body\.(status\.(conditions|acceptedNames)|metadata\.(finalizers|managedFields|resourceVersion))/.test(
          path,
        )) ||
      (sequence === 'custom/definition' && /^body\.rows\.0\.object\.metadata\.(finalizers|managedFields)/.test(path)),
  },
  {
    title: 'Bodies of a wrong shape are refused in our words',
    reason:
      'Kubernetes answers 400 with what its decoder says, in terms of Go (`cannot unmarshal number into Go struct field`). Here it is 422 with ' +
      'the path of each wrong field, as in Kubernetes for custom resources; what is no JSON object at all is 400 in both.',
    covers: ({ path, answer }) =>
      /^(status$|body\.(message|code|reason|details))/.test(path) &&
      /json parse error|cannot unmarshal|cannot be handled as a|decoding error|the object provided is unrecognized|error decoding|yaml:|is invalid: patch: Invalid value|cannot restore/.test(
        messageOf(answer),
      ),
  },
  {
    title: 'Mistakes of a client are never 500',
    reason:
      'Kubernetes answers 500 to some requests that are at fault themselves (versions that are no numbers, options of a wrong kind, unknown ' +
      'fields and wrong types in server-side apply, bad directives in patches). Here it is 400, 409 or 422.',
    covers: ({ path, causeway, answer }) =>
      codeOf(answer) === 500 &&
      (/^(status$|body\.code$)/.test(path)
        ? Number(causeway) >= 400 && Number(causeway) < 500
        : /^body\.(reason|details|message)/.test(path)),
  },
  {
    title: 'What the server itself writes has no `managedFields`',
    reason: 'Default roles, namespaces and reviews are nobody’s to apply; an entry for each would only cost memory.',
    covers: ({ path, kubernetes, causeway, answer }) =>
      path.startsWith('body.metadata.managedFields') &&
      causeway === undefined &&
      (JSON.stringify(kubernetes).includes('"manager":"kube-apiserver"') ||
        /Review$|^TokenRequest$/.test(kindOf(answer))),
  },
  {
    title: 'Values in error messages are JSON',
    reason:
      'Where a list or an object is wrong, Kubernetes prints it as Go does (`core.ServicePort{Name:"", AppProtocol:(*string)(nil), ...}`), with the ' +
      'names of Go types and fields. Here it is the JSON that the client has sent.',
    covers: ({ path, kubernetes, causeway }) =>
      /^body\.(message|details\.causes\.\d+\.message)$/.test(path) &&
      typeof kubernetes === 'string' &&
      typeof causeway === 'string' &&
      (GO_VALUE.test(kubernetes) || kubernetes.includes('value: []byte') || kubernetes.includes('core.PodSpec{')) &&
      withoutValues(kubernetes) === withoutValues(causeway),
  },
  {
    title: 'Columns of Tables are described in our words',
    reason: 'Kubernetes shows the documentation of a Go field there. kubectl shows none of it.',
    covers: ({ path }) => /columnDefinitions\.\d+\.description$/.test(path),
  },
  {
    title: 'No `storageVersionHash` in discovery',
    reason: 'It serves migrations between storage versions of several API servers, of which there is one.',
    covers: ({ path }) => path.endsWith('.storageVersionHash'),
  },
  {
    title: 'Workloads say that nothing runs them',
    reason:
      'Without a cluster there is no kubelet: a Deployment gets `Available: False` and a Pod `PodScheduled: False` with the reason ' +
      'NoContainerRuntime, rather than waiting silently. Nobody has to end the containers of a Pod, so it goes when it is deleted. LimitRanges and ' +
      'ResourceQuotas are kept with a warning that nothing enforces them.',
    covers: ({ sequence, path, kubernetes, causeway }) =>
      sequence === 'Pod/deleted on a node' ||
      (path.startsWith('warnings.') && String(causeway).includes('the object is only kept')) ||
      (causeway === undefined && path.endsWith('f:status.f:conditions..')) ||
      (kubernetes === undefined && path.endsWith('status.observedGeneration')) ||
      (causeway === undefined && path.endsWith('f:status.f:observedGeneration')) ||
      (path.includes('status') && JSON.stringify(causeway ?? null).includes('"NoContainerRuntime"')),
  },
  {
    title: 'Endpoints may have loopback addresses',
    reason: 'Without a cluster, backends are programs on this machine, and that is how they are named.',
    covers: ({ sequence }) => sequence.endsWith('/loopback address'),
  },
  {
    title: 'What rules of a CustomResourceDefinition cost at most is not estimated',
    reason:
      'Kubernetes refuses rules that could become too dear with the largest objects that the schema allows. Here they are accepted, and a write for ' +
      'which they are too dear is refused.',
    covers: ({ answer }) => /estimated (rule|messageExpression) cost/.test(messageOf(answer)),
  },
  {
    title: 'Kinds and subresources of what does not exist here are not served',
    reason:
      'Containers, volumes and their drivers, devices, priority of requests, aggregated API servers, ranges of cluster addresses: nothing would ' +
      'act on them, and an object that silently does nothing is worse than an error.',
    covers: ({ path, causeway }) => causeway === undefined && NOT_SERVED.test(path),
  },
  {
    title: 'What Kubernetes loses on the way is there',
    reason:
      'It drops all `managedFields` when an object of a CustomResourceDefinition is written in a version with another schema, and shows the count of ' +
      'changes of a DaemonSet’s template only where the whole object is shown.',
    covers: ({ sequence, path, kubernetes }) =>
      kubernetes === undefined &&
      ((sequence === 'custom/versions' && path === 'body.metadata.managedFields') ||
        (sequence === 'data/DaemonSet' && /(rows\.0\.object|body)\.metadata\.annotations$/.test(path))),
  },
];

/** Where discovery tells of them. */
const NOT_SERVED =
  /^body\.items\.(apiregistration|flowcontrol\.apiserver)\.k8s\.io$|^body\.(resources|items\..*\.resources)\.(ipaddresses|servicecidrs|componentstatuses|bindings|volumeattachments|csi\w+|(pods|nodes|services)\.?\/?\w*|apiservices)/;

/** `Invalid value: []string{"a"}`, `Duplicate value: core.ServicePort{Name:""}` */
const GO_VALUE = /value: (?:\(?[*&]?(?:\[\]|map\[\w+\])*\*?\w+\.?\w*\)?(?: \{\})?[({])/;
const COMPOUND = /(value: )(?:\(?[*&]?(?:\[\]|map\[\w+\])*\*?\w+(?:\.\w+)?\)?(?: \{\})?)?(?=[[{(])/g;

/** Bytes, which JSON has in base64. */
const BYTES =
  /(spec\.request: Invalid value: |^Invalid value: )(?:\[\]byte(?:\(nil\)|\{[^}]*\})|"[A-Za-z0-9+/=]*")(?=: PEM block)/;

const INT_OR_STRING = /intstr\.IntOrString\{Type:(\d), IntVal:(-?\d+), StrVal:"([^"]*)"\}/g;

/** A message with a word in place of each list and object. */
function withoutValues(printed: string): string {
  // A Pod's spec before and after, line by line.
  const message = printed
    .replace(BYTES, '$1<value>')
    .replace(/\n\s+core\.\w+\{[\s\S]*$/, '')
    .replace(INT_OR_STRING, (_all, type, number, text) => (type === '0' ? number : JSON.stringify(text)));
  let result = '';
  let from = 0;
  for (const match of message.matchAll(COMPOUND)) {
    if (match.index < from) continue;
    const start = match.index + match[0].length;
    result += `${message.slice(from, match.index)}${match[1]}<value>`;
    from = endOfValue(message, start);
  }
  return result + message.slice(from);
}

/** Where the bracket that is at `start` is closed. */
function endOfValue(message: string, start: number): number {
  let depth = 0;
  for (let index = start; index < message.length; index++) {
    const character = message.charAt(index);
    if (character === '"') index = message.indexOf('"', index + 1);
    else if ('[{('.includes(character)) depth++;
    else if (']})'.includes(character) && --depth === 0) return index + 1;
    if (index < 0) break;
  }
  return message.length;
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.values(value).every(isEmpty));
}

function bodyOf(answer: Answer | undefined): Readonly<Record<string, unknown>> {
  if (answer === undefined || !('body' in answer)) return {};
  const { body } = answer;
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}

function codeOf(answer: Answer | undefined): unknown {
  const { kind, code } = bodyOf(answer);
  return kind === 'Status' ? code : undefined;
}

function messageOf(answer: Answer | undefined): string {
  const { kind, message } = bodyOf(answer);
  return kind === 'Status' ? String(message) : '';
}

function kindOf(answer: Answer | undefined): string {
  return String(bodyOf(answer)['kind']);
}

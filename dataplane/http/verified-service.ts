/** A service whose certificate must be verified is asked by the agent: a worker can verify by what its configuration says alone. */
import type { AskedRequest, AskedService } from '../policy/question.ts';
import { askAgent } from './agent-question.ts';
import type { ServiceAnswer } from './service-request.ts';

/** Less than the agent reads. */
const MAX_QUESTION_BYTES = 1_000_000;
/** The agent says itself that time is up. */
const MORE_MS = 1000;

/** @returns the answer, or what went wrong. Waits. */
export function askVerified(
  service: AskedService,
  request: AskedRequest,
): LuaMultiReturn<[ServiceAnswer | undefined, string?]> {
  const { method, target, headers: told, body } = request;
  const asked = { method, target, headers: told, body: body === undefined ? undefined : ngx.encode_base64(body) };
  const answer = askAgent({ op: 'ask', service, request: asked }, MAX_QUESTION_BYTES, service.timeoutMs + MORE_MS);
  if (answer === undefined || answer.reply === undefined)
    return $multi(undefined, 'no answer of a service that is verified');
  const { status, headers } = answer.reply;
  return $multi({ status, headers: headers as unknown as ServiceAnswer['headers'] });
}

/** Method and status of a request as one number, so that the request path counts without making texts. */

const METHODS: readonly string[] = [
  'OTHER',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
];
/** Statuses have at most three digits. */
const METHOD_STEP = 1000;
const METHOD_CODES = methodCodes();

/** Kinds are smaller than this. */
export const KINDS = METHODS.length * METHOD_STEP;

export function requestKind(method: string, status: number): number {
  return (METHOD_CODES.get(method) ?? 0) + status;
}

/** `200 GET`; methods that few use are `OTHER`. */
export function kindText(kind: number): string {
  const status = kind % METHOD_STEP;
  return `${status} ${METHODS[(kind - status) / METHOD_STEP] ?? 'OTHER'}`;
}

function methodCodes(): LuaTable<string, number> {
  const codes: LuaTable<string, number> = new LuaTable();
  let code = 0;
  for (const method of METHODS) {
    codes.set(method, code);
    code += METHOD_STEP;
  }
  return codes;
}

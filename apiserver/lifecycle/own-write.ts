import type { Core } from '../core.ts';
import type { ApiObject } from '../object.ts';
import type { Resource } from '../registry/resource.ts';
import { StatusError } from '../status-error.ts';
import { createObject } from '../verbs/create.ts';
import { OWN_WRITER } from '../verbs/field-record.ts';
import type { WriteOptions } from '../verbs/write.ts';
import { storedTarget } from './amend.ts';

/** The namespace is going or gone, or somebody was faster. */
const NOT_NEEDED: ReadonlySet<number> = new Set([403, 404, 409]);

/** How the server writes on its own account. New for each write, which collects its warnings in it. */
export function ownWrite(): WriteOptions {
  return { dryRun: false, fieldValidation: 'Ignore', subresource: '', writer: OWN_WRITER, warnings: [] };
}

/** Creates an object of the server's own, unless it is there or its namespace goes. @throws StatusError */
export async function createUnlessThere(core: Core, resource: Resource, object: ApiObject): Promise<void> {
  const { namespace = '' } = object.metadata;
  try {
    await createObject(core, storedTarget(resource, { namespace, name: '' }), object, ownWrite());
  } catch (error) {
    if (!(error instanceof StatusError) || !NOT_NEEDED.has(error.code)) throw error;
  }
}

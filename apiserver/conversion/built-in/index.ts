import { apiVersionOf, groupKindText, type KindNames } from '@causeway/apis/meta/kind';
import type { ApiObject } from '../../object.ts';
import type { BuiltInSchemas } from '../../schema/built-in.ts';
import type { Converter } from '../converter.ts';
import { type StoredForm, VersionForm } from '../version-form.ts';
import { EVENT_CONVERTER, eventIn } from './event.ts';
import { AUTOSCALER_CONVERTER, autoscalerIn } from './horizontal-pod-autoscaler.ts';

/** A built-in kind that is served in more than one way. */
interface BuiltInForms {
  readonly stored: Pick<KindNames, 'group' | 'version'>;
  readonly converter: Converter;
  readonly inVersion: (object: ApiObject, apiVersion: string) => ApiObject;
}

/** By `groupKindText`. Events of the core group are what is stored, and need no form. */
const FORMS: Readonly<Record<string, BuiltInForms>> = {
  'Event.events.k8s.io': { stored: { group: '', version: 'v1' }, converter: EVENT_CONVERTER, inVersion: eventIn },
  'HorizontalPodAutoscaler.autoscaling': {
    stored: { group: 'autoscaling', version: 'v2' },
    converter: AUTOSCALER_CONVERTER,
    inVersion: autoscalerIn,
  },
};

/** Whether {@link builtInForm} has one. */
export function hasForms(names: KindNames): boolean {
  return Object.hasOwn(FORMS, groupKindText(names));
}

/** How stored objects of a built-in kind look in one of its versions; undefined for the many kinds that have one. */
export function builtInForm(names: KindNames, schemas: BuiltInSchemas): VersionForm | undefined {
  const forms = FORMS[groupKindText(names)];
  if (forms === undefined) return undefined;
  const { stored, converter } = forms;
  const storedNames = { ...names, ...stored };
  const apiVersion = apiVersionOf(names);
  const storedVersion = apiVersionOf(storedNames);
  const form: StoredForm = {
    apiVersion: storedVersion,
    since: 0,
    schemas: new Map([
      [storedVersion, schemas.schemaOf(storedNames)],
      [apiVersion, schemas.schemaOf(names)],
    ]),
    converter,
  };
  return new VersionForm(apiVersion, schemas.schemaOf(names), form, apiVersion === storedVersion);
}

/** The stored version of an object, for those who only know that one. */
export function inStoredVersion(names: KindNames, object: ApiObject): ApiObject {
  const forms = FORMS[groupKindText(names)];
  return forms === undefined ? object : forms.inVersion(object, apiVersionOf(forms.stored));
}

/** The group in which objects of a kind are stored. */
export function storageGroupOf(names: KindNames): string {
  return FORMS[groupKindText(names)]?.stored.group ?? names.group;
}

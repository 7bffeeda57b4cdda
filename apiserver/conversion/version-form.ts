import type { ApiObject } from '../object.ts';
import type { ObjectSchema } from '../schema/object-schema.ts';
import { Entry, objectOf, serialize } from '../storage/entry.ts';
import { type Converter, RENAMING } from './converter.ts';

/** The versions of a custom kind, as far as converting between them goes. */
export interface StoredForm {
  /** `group/version` in which objects are written. */
  readonly apiVersion: string;
  /** Objects with this revision or a later one were written by the definition as it is now. */
  readonly since: number;
  /** By `group/version`, of all versions of the definition. */
  readonly schemas: ReadonlyMap<string, ObjectSchema>;
  readonly converter: Converter;
}

/** Objects in one version. */
export interface InVersion {
  readonly apiVersion: string;
  readonly schema: ObjectSchema;
  readonly objects: readonly ApiObject[];
}

/**
 * How objects of a custom kind look in one of its versions. What is stored gets the defaults of the version it is stored in, is converted,
 * and loses what the schema of the asked version does not know.
 *
 * Nearly always nothing of that changes anything: {@link fits} tells it without looking into the object.
 *
 * Source: apiextensions-apiserver pkg/apiserver/customresource_handler.go, crdConversionRESTOptionsGetter.
 */
export class VersionForm {
  readonly #apiVersion: string;
  readonly #schema: ObjectSchema;
  readonly #stored: StoredForm;
  readonly #isLikeStored: boolean;
  /** What became of stored entries. An entry never changes, so neither does this. */
  readonly #known = new WeakMap<Entry, Promise<Entry>>();

  /** @param isLikeStored objects of this version differ from stored ones in nothing but apiVersion */
  constructor(apiVersion: string, schema: ObjectSchema, stored: StoredForm, isLikeStored: boolean) {
    this.#apiVersion = apiVersion;
    this.#schema = schema;
    this.#stored = stored;
    this.#isLikeStored = isLikeStored;
  }

  /** The entry only has to be given this version's apiVersion. */
  fits(entry: Entry): boolean {
    return this.#isLikeStored && entry.revision >= this.#stored.since;
  }

  /** Whatever is written in this version only has to be given the stored apiVersion. */
  get isLikeStored(): boolean {
    return this.#isLikeStored;
  }

  get storedApiVersion(): string {
    return this.#stored.apiVersion;
  }

  /** Fields of an object may be called otherwise in other versions. */
  get namesDiffer(): boolean {
    return this.#stored.converter !== RENAMING;
  }

  /** The entries in this version, in the same order. @throws StatusError 500 when the webhook fails */
  entries(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const unknown = entries.filter((entry) => !this.fits(entry) && !this.#known.has(entry));
    if (unknown.length > 0) this.#learn(unknown);
    return Promise.all(entries.map((entry) => this.#known.get(entry) ?? Promise.resolve(entry)));
  }

  /** A new object as it is to be stored. @throws StatusError 500 when the webhook fails */
  async toStored(object: ApiObject): Promise<ApiObject> {
    const { apiVersion, converter, schemas } = this.#stored;
    const [converted = object] = await converter.convert([object], apiVersion);
    const schema = schemas.get(apiVersion);
    schema?.prune(converted);
    schema?.applyDefaults(converted);
    return converted;
  }

  /**
   * Objects of this version in those others of `apiVersions` of which the definition tells, with their schemas.
   *
   * @throws StatusError 500 when the webhook fails
   */
  async inOthers(objects: readonly ApiObject[], apiVersions: Iterable<string>): Promise<readonly InVersion[]> {
    const { schemas, converter } = this.#stored;
    const others = [...new Set(apiVersions)].flatMap((apiVersion) => {
      const schema = apiVersion === this.#apiVersion ? undefined : schemas.get(apiVersion);
      return schema === undefined ? [] : [{ apiVersion, schema }];
    });
    return Promise.all(
      others.map(async (other) => ({ ...other, objects: await converter.convert(objects, other.apiVersion) })),
    );
  }

  #learn(entries: readonly Entry[]): void {
    const converted = this.#converted(entries);
    for (const [index, entry] of entries.entries()) {
      const one = converted.then((all) => all[index] ?? entry);
      this.#known.set(entry, one);
      // The next one who asks tries again.
      one.catch(() => this.#known.delete(entry));
    }
  }

  async #converted(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const { schemas, converter } = this.#stored;
    const objects = entries.map((entry) => {
      const object = objectOf(entry);
      schemas.get(object.apiVersion)?.applyDefaults(object);
      return object;
    });
    const converted = await converter.convert(objects, this.#apiVersion);
    return converted.map((object, index) => {
      this.#schema.prune(object);
      const text = serialize(object);
      const entry = entries[index];
      return entry?.json === text ? entry : new Entry(object, text);
    });
  }
}

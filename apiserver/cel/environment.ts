import { Declarations } from './declaration.ts';
import { ADDRESS } from './library/address.ts';
import { CONVERSIONS } from './library/conversions.ts';
import { FORMATS } from './library/formats.ts';
import { LISTS, SETS } from './library/lists.ts';
import { OPERATORS } from './library/operators.ts';
import { OPTIONALS } from './library/optionals.ts';
import { QUANTITY } from './library/quantity.ts';
import { REGEX } from './library/regex.ts';
import { SEMVER } from './library/semver.ts';
import { STRINGS } from './library/strings.ts';
import { TIME } from './library/time.ts';
import { URLS } from './library/urls.ts';

/** The functions that expressions have in Kubernetes 1.33. Source: apiserver pkg/cel/environment/base.go. */
export const KUBERNETES_FUNCTIONS = new Declarations([
  OPERATORS,
  CONVERSIONS,
  TIME,
  OPTIONALS,
  STRINGS,
  LISTS,
  SETS,
  REGEX,
  URLS,
  QUANTITY,
  ADDRESS,
  FORMATS,
  SEMVER,
]);

const SAYS_NOTHING = /^(utils?|utilities|util-.*|.*-utils?|common|shared|misc|managers?|.*-manager|helpers?)$/i;

/** Those of the paths with an element, its extension apart, that names no concept. */
export function badNames(files: readonly string[]): readonly string[] {
  return files.filter((file) => file.split('/').some((element) => SAYS_NOTHING.test(element.replace(/\..*$/, ''))));
}

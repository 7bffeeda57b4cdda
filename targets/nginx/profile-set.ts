/** Which location profiles nginx.conf has, and when a reload may bring others. */
import { isPrebuilt, PREBUILT, type Profile } from './profile.ts';

/** More would make nginx slow to reload; what needs another stays as it was, and the instance says so. */
const MAX_PROFILES = 512;
/** Between reloads for nothing but profiles: those that come meanwhile come together. */
const SPACING_MS = 1_000;
/** One with which nginx refused its configuration is left out this long. */
const REFUSED_MS = 60_000;

export interface ConfPlan {
  /** nginx.conf. */
  readonly text: string;
  /** Location profiles in it, beside the prebuilt ones. */
  readonly profiles: readonly Profile[];
  /** Present when more is wanted than this plan has: when to ask again. */
  readonly waitMs?: number;
}

export interface ConfQuestion {
  readonly wanted: Iterable<Profile>;
  /** The nginx.conf that nginx runs with; `''`: none. */
  readonly inForce: string;
  /** Milliseconds. */
  readonly now: number;
  /** nginx.conf with these profiles. */
  readonly render: (profiles: readonly Profile[]) => string;
}

export class ProfileSet {
  /** Beside the prebuilt ones. */
  #inForce: readonly Profile[] = [];
  #changedAt = Number.NEGATIVE_INFINITY;
  readonly #refused = new Map<string, number>();
  #problems: readonly string[] = [];

  /** What cannot be served as wanted, for people. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get inForce(): readonly Profile[] {
    return this.#inForce;
  }

  /** The configuration to run with now: what nobody uses any more is worth no reload, and new profiles come together. */
  plan({ wanted, inForce, now, render }: ConfQuestion): ConfPlan {
    const planOf = (profiles: readonly Profile[]): ConfPlan => ({ profiles, text: render(profiles) });
    const chosen = this.#choose(wanted, now);
    const unchanged = planOf(this.#withUnused(chosen));
    if (unchanged.text === inForce) return unchanged;
    const waitMs = Math.max(0, this.#changedAt + SPACING_MS - now);
    if (waitMs > 0) {
      const before = planOf(this.#inForce);
      if (before.text === inForce) return { ...before, waitMs };
    }
    return planOf(chosen);
  }

  /** Of what is wanted, what nginx shall have; each once. */
  #choose(wanted: Iterable<Profile>, now: number): readonly Profile[] {
    const known = new Set(this.#inForce.map(({ id }) => id));
    const asked = [...wanted].filter((profile) => !isPrebuilt(profile));
    const distinct = [...new Map(asked.map((profile) => [profile.id, profile])).values()];
    const usable = distinct.filter(({ id }) => !this.#isRefused(id, now));
    usable.sort((a, b) => Number(known.has(b.id)) - Number(known.has(a.id)) || (a.id < b.id ? -1 : 1));
    const left = usable.length - MAX_PROFILES;
    const refused = distinct.length - usable.length;
    this.#problems = [
      ...(left > 0 ? [`rules with ${left} further combinations of settings wait: ${MAX_PROFILES} are served`] : []),
      ...(refused > 0 ? [`rules with ${refused} combinations of settings wait: nginx refused them`] : []),
    ];
    return usable.slice(0, MAX_PROFILES);
  }

  /** What is wanted, and what is in force beside it. */
  #withUnused(chosen: readonly Profile[]): readonly Profile[] {
    const ids = new Set(chosen.map(({ id }) => id));
    return [...chosen, ...this.#inForce.filter(({ id }) => !ids.has(id))];
  }

  /** nginx has them. */
  applied(profiles: readonly Profile[], now: number): void {
    if (idsOf(profiles) !== idsOf(this.#inForce)) this.#changedAt = now;
    this.#inForce = profiles;
  }

  /** nginx refused a configuration with them. */
  failed(profiles: readonly Profile[], now: number): void {
    const known = new Set(this.#inForce.map(({ id }) => id));
    for (const { id } of profiles) if (!known.has(id)) this.#refused.set(id, now + REFUSED_MS);
  }

  #isRefused(id: string, now: number): boolean {
    const until = this.#refused.get(id) ?? 0;
    if (until > now) return true;
    this.#refused.delete(id);
    return false;
  }
}

/** Ids that routes may use once nginx has these profiles. */
export function servedIds(profiles: readonly Profile[]): ReadonlySet<string> {
  return new Set([...PREBUILT, ...profiles].map(({ id }) => id));
}

function idsOf(profiles: readonly Profile[]): string {
  return profiles
    .map(({ id }) => id)
    .sort()
    .join();
}

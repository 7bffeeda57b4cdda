/** The marks of a group's endpoints in session cookies. */
import type { GroupRecord } from '../policy/record.ts';
import { peerMark, type SessionCookie } from '../policy/session-cookie.ts';

/** The part of a group about sessions. */
export interface Sessions {
  readonly cookie: SessionCookie;
  /** In the order of the peers. */
  readonly marks: readonly string[];
  readonly peerOfMark: LuaTable<string, number>;
}

export function newSessions({ session, peers }: GroupRecord): Sessions | undefined {
  if (session === undefined) return undefined;
  const marks: string[] = [];
  const peerOfMark: LuaTable<string, number> = new LuaTable();
  for (const peer of peers) {
    const mark = peerMark(peer);
    peerOfMark.set(mark, marks.length);
    marks.push(mark);
  }
  return { cookie: session, marks, peerOfMark };
}

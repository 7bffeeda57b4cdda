/** Endpoints near the data plane come first, those of each backend apart. */
export interface NearnessIR {
  /** What is near: endpoints of the same zone, or those of the same machine, and where there are none of it those of the zone. */
  readonly scope: 'zone' | 'node';
  /** Where a backend has fewer well endpoints in all, none comes first. */
  readonly fewest: number;
  /**
   * Where so many of them are near, these have all requests. Absent: as many requests as leave all endpoints of the backend an equal
   * share, with as many data planes in each of its zones.
   */
  readonly fewestNear?: number;
  /** Of so many requests in 100; the others go to all endpoints. Absent: 100. */
  readonly percent?: number;
}

/** Where the data planes of an agent are. */
export interface PlaceIR {
  readonly kind: 'place';
  /** Name of the machine. */
  readonly id: string;
  /** Absent: nobody says. */
  readonly zone?: string;
}

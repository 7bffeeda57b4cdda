/** The timeouts that nginx.conf sets; an action that equals them costs nothing per request (spec ALB-80). */
export const DEFAULT_CONNECT_MS = 5000;
export const DEFAULT_SEND_MS = 120_000;
export const DEFAULT_READ_MS = 120_000;
/** All attempts together, the first included (spec ALB-81). */
export const DEFAULT_ATTEMPTS = 5;

/** Requests and connections to data planes that tests of this process have begun; `eventually` looks at it. */
export const asked = { times: 0 };

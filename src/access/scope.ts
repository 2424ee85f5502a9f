// What a token may do. Three words that people can tell apart, not one per route: whoever reads reports,
// whoever mints pixels, and whoever runs the server.

/** `admin` implies the others; neither `read` nor `mint` implies the other. */
export type Scope = 'read' | 'mint' | 'admin';

// Signing a browser in and out: it gives a token once, and from then on a cookie that no script can read.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../access/access.ts';
import { SCOPES } from '../access/scope.ts';
import { TOKEN_BODY_BYTES_MAX, TOKEN_CHARACTERS_MAX } from '../limits.ts';
import type { About } from './about.ts';
import type { Guard } from './guard.ts';
import { Refusal, refuseFullDisk } from './refusal.ts';
import { type Api, NoBody, NoContent, NoQuery } from './schema.ts';
import { setCookie } from './session-cookie.ts';
import { formatMicros, TimeText } from './times.ts';

const PATH = '/v1/session';
/** What comes with a request to sign in says who somebody is, so that nobody has to be anybody before. */
const OPEN = { scope: 'none' } as const;

const WHO: About = {
  id: 'readSession',
  tag: 'Access',
  summary: 'Read who you are',
  returns: 'By what you are known here, and what you may do.',
  refuses: { 401: 'You are nobody.', 429: 'Too many wrong tokens came from your address.' },
};
const SIGN_IN: About = {
  id: 'signIn',
  tag: 'Access',
  summary: 'Sign a browser in',
  description:
    'For pages of this server: the answer sets a cookie that no script can read. It takes a token, or the ' +
    'one that stands in a sign-in link, which can be used once.',
  returns: 'Who is signed in now.',
  headers: { 'set-cookie': 'The session.' },
  refuses: {
    401: 'This is no token of this server.',
    403: 'A page of another origin sent this.',
    429: 'Too many wrong tokens came from your address.',
  },
};
const SIGN_OUT: About = {
  id: 'signOut',
  tag: 'Access',
  summary: 'Sign a browser out',
  description: 'The session ends on the server; a copy of its cookie is worth nothing afterwards.',
  returns: 'Nobody is signed in now.',
  headers: { 'set-cookie': 'Takes the cookie away.' },
  refuses: { 403: 'A page of another origin sent this.' },
};

const Body = z.strictObject(
  {
    token: z
      .string('must be text')
      .regex(/^[\x21-\x7e]+$/, 'must be a token as it was given: no spaces, no line breaks')
      .max(TOKEN_CHARACTERS_MAX, `must have at most ${TOKEN_CHARACTERS_MAX} characters`),
  },
  'must be a JSON object',
);

const WhoAnswer = z
  .object({
    name: z.string().describe('That of the token.'),
    scopes: z.array(z.enum(SCOPES)),
    kind: z
      .enum(['token', 'session', 'open'])
      .describe(
        'How you are known: by a token, as a browser that signed in, or not at all (API_AUTH=none).',
      ),
    expires_at: TimeText.nullable().describe('Null for what does not end by itself.'),
  })
  .meta({ id: 'Session', description: 'Who you are here.' });

export function serveSession(app: Api, guard: Guard): void {
  const { access, cookie } = guard;
  app.get(
    PATH,
    { config: OPEN, schema: { about: WHO, querystring: NoQuery, response: { 200: WhoAnswer } } },
    (request) => shown(guard.identify(request)),
  );

  app.post(
    PATH,
    {
      config: OPEN,
      bodyLimit: TOKEN_BODY_BYTES_MAX,
      // Before the body is read: another site's page must not sign a browser in as somebody else.
      onRequest: async (request) => guard.demandProvenance(request, 'own', 'silent'),
      schema: { about: SIGN_IN, querystring: NoQuery, body: Body, response: { 200: WhoAnswer } },
    },
    async (request, reply) => {
      if (cookie.isSecure) refusePlainHttp(request);
      const [former = null] = access.sessionsOf(guard.cookies(request));
      const { token } = request.body;
      const signedIn = await access
        .signIn(token, guard.address(request), former)
        .catch(refuseFullDisk('who is signed in'));
      if ('reason' in signedIn) throw guard.refusal(signedIn);
      const { caller, secret } = signedIn;
      return reply
        .header('set-cookie', setCookie(cookie, secret, request.headers.origin))
        .send(shown(caller));
    },
  );

  app.delete(
    PATH,
    {
      config: OPEN,
      schema: { about: SIGN_OUT, querystring: NoQuery, body: NoBody, response: { 204: NoContent } },
    },
    async (request, reply) => {
      const sessions = access.sessionsOf(guard.cookies(request));
      if (sessions.length > 0) guard.demandProvenance(request, 'own');
      const ending = sessions.map((session) => access.signOut(session));
      await Promise.all(ending).catch(refuseFullDisk('who is signed out'));
      return reply
        .code(204)
        .header('set-cookie', setCookie(cookie, null, request.headers.origin))
        .send();
    },
  );
}

/** The browser would drop the cookie without a word, and the person would wonder. */
function refusePlainHttp({ headers }: FastifyRequest): void {
  const { origin } = headers;
  if (origin === undefined || !URL.canParse(origin)) return;
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new Refusal(400, 'signing in needs https here, as BASE_URL says: open the dashboard there');
}

function shown({ name, scopes, kind, session }: Caller): z.input<typeof WhoAnswer> {
  const expiresAt = session === null ? null : formatMicros(session.endsAt * 1_000);
  return { name, scopes: [...scopes], kind, expires_at: expiresAt };
}

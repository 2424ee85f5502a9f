// Named tokens: who has one, a new one, and an end to one. A token's text is in one answer, that to its
// making.

import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { SCOPES } from '../access/scope.ts';
import { INSTALLATION, TokenName, TokenScopes } from '../access/token-list.ts';
import type { Token } from '../access/tokens.ts';
import { Failure } from '../config/failure.ts';
import { TOKEN_BODY_BYTES_MAX, TOKEN_NAME_CHARACTERS_MAX, TOKENS_MAX } from '../limits.ts';
import type { About } from './about.ts';
import { describedAs } from './json-schema.ts';
import type { ApiParts } from './parts.ts';
import { Refusal, refuseFullDisk } from './refusal.ts';
import { type Api, NoContent, NoQuery } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';

const PATH = '/v1/tokens';

const LIST: About = {
  id: 'listTokens',
  tag: 'Access',
  summary: 'List all tokens',
  returns:
    'The installation’s own token, then the named ones in the order in which they were made.',
};
const CREATE: About = {
  id: 'createToken',
  tag: 'Access',
  summary: 'Make a token',
  returns: 'The token. Its text is shown here and never again.',
  refuses: { 409: 'There is a token of this name, or there are too many.' },
};
const REVOKE: About = {
  id: 'revokeToken',
  tag: 'Access',
  summary: 'Revoke a token',
  description: 'It ends at once, and every session with it. Your own may be among them.',
  returns: 'It is revoked.',
  refuses: {
    404: 'No token has this id.',
    409: 'The installation’s own token (`installation`) is changed in its configuration.',
  },
};

const TokenAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: TimeText.nullable().describe('Null for the installation’s own.'),
    last_used_at: TimeText.nullable().describe('To about a minute; null when it was never used.'),
  })
  .meta({ id: 'Token', description: 'A token, without its text.' });
const TokensAnswer = z.object({ tokens: z.array(TokenAnswer) });
const NewTokenAnswer = z
  .object({ ...TokenAnswer.shape, token: z.string().describe('Its text, shown once.') })
  .meta({ id: 'NewToken', description: 'A token with its text.' });
const Body = z.strictObject(
  {
    name: describedAs(TokenName, {
      type: 'string',
      description: 'Your own word for it, unlike that of any other token.',
      minLength: 1,
      maxLength: TOKEN_NAME_CHARACTERS_MAX,
      pattern: String.raw`^\S(.*\S)?$`,
    }),
    scopes: describedAs(TokenScopes, {
      type: 'array',
      description: 'What it may do; `admin` implies the others.',
      items: { type: 'string', enum: SCOPES },
      minItems: 1,
      maxItems: SCOPES.length,
      uniqueItems: true,
    }),
  },
  'must be a JSON object',
);

export function serveTokens(app: Api, { access }: Pick<ApiParts, 'access'>): void {
  const config = { scope: 'admin' } as const;
  app.get(
    PATH,
    { config, schema: { about: LIST, querystring: NoQuery, response: { 200: TokensAnswer } } },
    async () => ({ tokens: allShown(access) }),
  );

  app.post(
    PATH,
    {
      config,
      bodyLimit: TOKEN_BODY_BYTES_MAX,
      schema: {
        about: CREATE,
        querystring: NoQuery,
        body: Body,
        response: { 201: NewTokenAnswer },
      },
    },
    async (request, reply) => {
      const { name, scopes } = request.body;
      const made = await access.tokens.create(name, scopes).catch(refuseUnkept);
      if (made === 'name-taken') throw new Refusal(409, `there is a token with the name ${name}`);
      if (made === 'too-many') {
        throw new Refusal(409, `there are ${TOKENS_MAX} tokens: revoke one that is not needed`);
      }
      return reply.code(201).send({ ...shown(made.token, access), token: made.text });
    },
  );

  app.delete(
    `${PATH}/:id`,
    {
      config,
      schema: {
        about: REVOKE,
        querystring: NoQuery,
        params: z.object({ id: z.string().describe('The `id` of the token.') }),
        response: { 204: NoContent },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (id === INSTALLATION) {
        throw new Refusal(
          409,
          'the installation’s own token is not revoked here: give another API_TOKEN, or remove ' +
            'secrets/api-token from DATA_DIR for a new one, and start the server again',
        );
      }
      if (!(await access.tokens.revoke(id).catch(refuseUnkept))) {
        throw new Refusal(404, 'no token has this id');
      }
      return reply.code(204).send();
    },
  );
}

function allShown(access: Access): z.input<typeof TokenAnswer>[] {
  const { uses, tokens } = access;
  const own = {
    id: INSTALLATION,
    name: INSTALLATION,
    scopes: [...SCOPES],
    created_at: null,
    last_used_at: timeText(uses.find(INSTALLATION)),
  };
  return [own, ...tokens.all.map((token) => shown(token, access))];
}

function shown(
  { id, name, scopes, createdAt }: Token,
  { uses }: Access,
): z.input<typeof TokenAnswer> {
  return {
    id,
    name,
    scopes: [...scopes],
    created_at: formatMicros(createdAt * 1_000),
    last_used_at: timeText(uses.find(id)),
  };
}

const timeText = (at: number | null): string | null =>
  at === null ? null : formatMicros(at * 1_000);

/** 503 for what the disk or an operator has to mend first. */
function refuseUnkept(error: NodeJS.ErrnoException): never {
  if (error instanceof Failure) throw new Refusal(503, error.message);
  return refuseFullDisk('that')(error);
}

// `truepixel token`: makes, lists and revokes tokens in DATA_DIR's own file, so that it works while the
// server runs, which notices within a second, and while it does not. What a script may want is alone on
// stdout.

import { readFile, stat } from 'node:fs/promises';
import { LastUses } from '../access/last-uses.ts';
import { SCOPES } from '../access/scope.ts';
import { INSTALLATION, TokenName, TokenScopes } from '../access/token-list.ts';
import { Tokens } from '../access/tokens.ts';
import type { Config } from '../config/config.ts';
import { dashboardUrl } from '../config/dashboard-url.ts';
import { EXIT_USAGE, Failure } from '../config/failure.ts';
import { dashboardUrlPath } from '../config/paths.ts';
import { SIGN_IN_LINK_SECONDS, TOKENS_MAX } from '../limits.ts';
import { gatherReadiness } from '../telemetry/gather.ts';
import type { Command } from './command.ts';

const SCOPE_FLAG = '--scope=';
const EXPECTED = 'expected create NAME --scope SCOPE, list, revoke ID, or link';

export const tokenCommand: Command = {
  name: 'token',
  summary: 'Make, list and revoke tokens for the API, or print a link that signs a browser in',
  help: `create makes a token with one or more scopes: read (everything that only looks), mint (making and
changing pixels), admin (everything). It is printed once. revoke ends a token at once, and every browser that
signed in with it. list shows when each was used last. link prints a link that opens the dashboard and signs
the browser in with all scopes; it can be used once, within an hour.

A server that runs on DATA_DIR notices within a second.`,
  roles: ['api'],
  arguments: 'create NAME --scope SCOPE [--scope SCOPE …] | list | revoke ID | link',
  async run(config, args) {
    const words = args.filter((word) => !word.startsWith(SCOPE_FLAG));
    const scopes = args
      .filter((word) => word.startsWith(SCOPE_FLAG))
      .map((word) => word.slice(SCOPE_FLAG.length));
    const [action, operand, ...rest] = words;
    await demandOwner(config.dataDir);
    const isBare = rest.length === 0 && scopes.length === 0;
    try {
      if (action === 'create' && operand !== undefined && rest.length === 0) {
        return await create(config, operand, scopes);
      }
      if (action === 'revoke' && operand !== undefined && isBare) {
        return await revoke(config, operand);
      }
      if (action === 'list' && operand === undefined && isBare) return await list(config);
      if (action === 'link' && operand === undefined && isBare) return await link(config);
    } catch (error) {
      throw explained(error as NodeJS.ErrnoException);
    }
    throw new Failure(`token: ${EXPECTED}`, EXIT_USAGE);
  },
};

/** What root makes in somebody's DATA_DIR their server could neither read nor replace. */
async function demandOwner(dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid } = await stat(dataDir).catch(() => ({ uid: 0 }));
  if (uid === 0) return;
  throw new Failure(
    `token: ${dataDir} belongs to user ${uid}: run this as that user (sudo -u '#${uid}' …)`,
  );
}

async function create(config: Config, name: string, scopes: readonly string[]): Promise<number> {
  const named = judge('name', TokenName.safeParse(name));
  const scoped = judge('--scope', TokenScopes.safeParse(scopes));
  const made = await new Tokens(config.dataDir).create(named, scoped);
  if (made === 'name-taken') throw new Failure(`token: there is one with the name ${named}`);
  if (made === 'too-many') throw new Failure(`token: there are ${TOKENS_MAX}; revoke one first`);
  note(`The token ${named} (id ${made.token.id}, ${scoped.join(', ')}). It is not shown again:`);
  print(made.text);
  return 0;
}

async function list({ dataDir, apiAuth }: Config): Promise<number> {
  const tokens = new Tokens(dataDir);
  await tokens.refresh();
  const uses = await LastUses.open(dataDir, note);
  const used = (id: string): string => {
    const at = uses.find(id);
    return at === null ? 'never used' : `used ${minute(at)}`;
  };
  const own = [INSTALLATION, INSTALLATION, SCOPES.join(','), '', used(INSTALLATION)];
  const rows = tokens.all.map(({ id, name, scopes, createdAt }) => {
    return [id, name, scopes.join(','), `made ${minute(createdAt)}`, used(id)];
  });
  print(table([own, ...rows]));
  if (apiAuth === 'none') note('API_AUTH is none: nobody is asked for a token.');
  return 0;
}

async function revoke({ dataDir }: Config, id: string): Promise<number> {
  if (id === INSTALLATION) {
    throw new Failure(
      'token: the installation’s own token is changed by API_TOKEN, or by removing secrets/api-token ' +
        'from DATA_DIR and starting the server again',
    );
  }
  if (!(await new Tokens(dataDir).revoke(id))) {
    throw new Failure(`token: none has the id ${id}; truepixel token list shows them`);
  }
  note('It is revoked.');
  return 0;
}

async function link(config: Config): Promise<number> {
  const url = (await runningDashboardUrl(config.dataDir)) ?? dashboardUrl(config);
  if (config.apiAuth === 'none') {
    note('API_AUTH is none: nobody has to sign in.');
    print(url);
    return 0;
  }
  const { text } = await new Tokens(config.dataDir).createLink();
  note(`This link signs a browser in, once, within ${SIGN_IN_LINK_SECONDS / 60} minutes:`);
  print(`${url}/#token=${text}`);
  return 0;
}

/** Of a server that runs, whatever flags it was started with. */
async function runningDashboardUrl(dataDir: string): Promise<string | null> {
  const processes = await gatherReadiness(dataDir);
  if (processes['store'] === undefined) return null;
  const url = await readFile(dashboardUrlPath(dataDir), 'utf8').catch(() => '');
  return URL.canParse(url.trim()) ? url.trim() : null;
}

function judge<T>(
  what: string,
  result: { data?: T; error?: { issues: { message: string }[] } },
): T {
  if (result.data !== undefined) return result.data;
  throw new Failure(`token: ${what} ${result.error?.issues[0]?.message ?? 'is wrong'}`, EXIT_USAGE);
}

/** What the operating system says, in one line. */
function explained(error: NodeJS.ErrnoException): Error {
  if (error.syscall === undefined) return error;
  return new Failure(`token: ${error.path ?? 'a file'} cannot be used (${error.code})`);
}

const minute = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

// All commands, each loaded only when it is called: the store's native library is no concern of a
// collector's.

import type { Command } from './command.ts';

export const DEFAULT_COMMAND = 'serve';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  collect: async () => (await import('./serve.ts')).collectCommand,
  store: async () => (await import('./store.ts')).storeCommand,
  journal: async () => (await import('./journal.ts')).journalCommand,
  'aws-setup': async () => (await import('./aws-setup.ts')).awsSetupCommand,
  import: async () => (await import('./import.ts')).importCommand,
  classify: async () => (await import('./classify.ts')).classifyCommand,
  reclassify: async () => (await import('./reclassify.ts')).reclassifyCommand,
  erase: async () => (await import('./erase.ts')).eraseCommand,
  'export-recipient': async () => (await import('./export-recipient.ts')).exportRecipientCommand,
  token: async () => (await import('./token.ts')).tokenCommand,
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand,
};

/** Started by a supervisor, not by people: in no list and no suggestion. */
const HIDDEN_COMMANDS: typeof COMMANDS = {
  collector: async () => (await import('./collector.ts')).collectorCommand,
  relay: async () => (await import('./relay.ts')).relayCommand,
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** Null when there is no such command. */
export async function loadCommand(name: string): Promise<Command | null> {
  const loaders = { ...COMMANDS, ...HIDDEN_COMMANDS };
  return Object.hasOwn(loaders, name) ? ((await loaders[name]?.()) ?? null) : null;
}

/** Those that people call, in the order of the help. */
export async function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

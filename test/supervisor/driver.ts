// A supervisor over fake children, in a process of its own because it listens to that process's signals.
// Its only argument is JSON: what each child shall do, and the bounds.

import { fileURLToPath } from 'node:url';

import type { ChildSpec } from '../../src/supervisor/child.ts';
import { SUPERVISED_VARIABLE } from '../../src/supervisor/signals.ts';
import { type Bounds, supervise } from '../../src/supervisor/supervise.ts';
import { createLog } from '../../src/telemetry/log.ts';

/** The behaviours are those of child.ts. */
export interface Plan {
  readonly collectors: readonly string[];
  readonly store: string | null;
  readonly bounds?: Partial<Bounds>;
  /** A folder where children leave marks. */
  readonly marks: string;
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const child = (name: string, behaviour: string): ChildSpec => ({
  name,
  command: [fileURLToPath(new URL('child.ts', import.meta.url)), name, behaviour, plan.marks],
  environment: { [SUPERVISED_VARIABLE]: '1' },
});

process.exitCode = await supervise({
  collectors: plan.collectors.map((behaviour, index) => child(`collector-${index}`, behaviour)),
  followers: plan.store === null ? [] : [child('store', plan.store)],
  log: createLog('info', 'driver'),
  onReady: (missing) => {
    for (const { name, reason } of missing) process.stdout.write(`without ${name}: ${reason}\n`);
    process.stdout.write('ready\n');
  },
  onStop: () => process.stdout.write('stop\n'),
  ...(plan.bounds && { bounds: plan.bounds }),
});

// The collector's command as a process of its own, without the command line around it: what a test forks
// (startProcess). Its log says when it is ready, and where.
// Arguments: DATA_DIR, other settings as JSON.

import { collectorCommand } from '../src/commands/collector.ts';
import type { Config } from '../src/config/config.ts';
import { defaultConfig } from './collector.fixture.ts';

const [dataDir = '', settings = '{}'] = process.argv.slice(2);
const config = { ...defaultConfig(dataDir), ...(JSON.parse(settings) as Partial<Config>) };
process.exit(await collectorCommand.run({ ...config, logLevel: 'info' }, []));

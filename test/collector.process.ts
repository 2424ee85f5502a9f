// The collector's command as a process of its own, without the command line around it: what a test forks
// (startProcess). Its log says when it is ready, and where.
// Arguments: DATA_DIR, port, API token.

import { collectorCommand } from '../src/commands/collector.ts';
import { defaultConfig } from './collector.fixture.ts';

const [dataDir = '', port, apiToken = ''] = process.argv.slice(2);
const config = { ...defaultConfig(dataDir), port: Number(port), apiToken };
process.exit(await collectorCommand.run({ ...config, logLevel: 'info' }, []));

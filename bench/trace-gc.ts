// Loaded into a collector before its own code (NODE_OPTIONS=--import): V8 then writes a line per collection
// of garbage. As an option of node's command line it would not reach a collector, which the supervisor
// starts, and NODE_OPTIONS does not take it.

import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--trace-gc');
